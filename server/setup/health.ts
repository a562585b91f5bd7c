import type { Health } from '#actions/whatsapp/setupAnswers.ts'
import type { Remark } from './document.ts'

/** What keeps something from sending, and what only slows it. */
export function remarksOf(health: Health): { blocked: Remark[]; limited: Remark[] } {
  const blocked: Remark[] = []
  const limited: Remark[] = []
  for (const { entity_type, id, can_send_message, errors = [], additional_info = [] } of health.entities) {
    const entity = `${entity_type} ${id}`.trim()
    if (can_send_message === 'BLOCKED') {
      const told = errors.length > 0 ? errors : [{ error_description: additional_info.join(' ') || can_send_message }]
      for (const one of told) {
        blocked.push({
          code: 'health_blocked',
          details: {
            entity,
            description: one.error_description,
            solution: ('possible_solution' in one ? one.possible_solution : undefined) ?? '',
            whatsappCode: ('error_code' in one ? one.error_code : undefined) ?? null,
          },
        })
      }
    } else if (can_send_message === 'LIMITED') {
      limited.push({ code: 'health_limited', details: { entity, description: additional_info.join(' ') || 'LIMITED' } })
    }
  }
  return { blocked, limited }
}
