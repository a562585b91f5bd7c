import { z } from 'zod'
import type { EmulatedTemplate, Templates } from './templates.ts'

const HOUR_MS = 3_600_000

/** What can be decided about a template. */
export const TEMPLATE_ACTS = [
  ...(['approve', 'reject', 'pause', 'unpause', 'disable', 'recategorize', 'schedule_category'] as const),
  ...(['rate', 'pace', 'archive', 'unarchive', 'appeal', 'reinstate', 'flag'] as const),
] as const
export type TemplateAct = (typeof TEMPLATE_ACTS)[number]
export const isTemplateAct = (act: string): act is TemplateAct => (TEMPLATE_ACTS as readonly string[]).includes(act)

export const templateActSchema = z.strictObject({
  language: z.string().optional(),
  /** For `reject`. */
  reason: z.string().optional(),
  recommendation: z.string().optional(),
  /** For `recategorize` and `schedule_category`; default `MARKETING`. */
  category: z.enum(['UTILITY', 'MARKETING', 'AUTHENTICATION']).optional(),
  /** For `rate`; default `RED`. */
  quality: z.enum(['GREEN', 'YELLOW', 'RED', 'UNKNOWN']).optional(),
  /** For `pace`: how many go at once (default 0), and how it ends (default `release`). */
  left: z.int().min(0).optional(),
  outcome: z.enum(['release', 'drop']).optional(),
  /** For `pace` (default an hour) and `schedule_category` (default a day): when it is decided. */
  afterMs: z.int().min(0).optional(),
})
export type TemplateActOptions = z.infer<typeof templateActSchema>

export function actOnTemplate(
  templates: Templates,
  template: EmulatedTemplate,
  act: TemplateAct,
  options: TemplateActOptions = {},
): void {
  const { reason = 'INVALID_FORMAT', recommendation, category = 'MARKETING', afterMs } = options
  switch (act) {
    case 'reject':
      return templates.reject(template, reason, recommendation)
    case 'recategorize':
      return templates.recategorize(template, category)
    case 'schedule_category':
      return templates.scheduleCategory(template, category, afterMs)
    case 'rate':
      return templates.rate(template, options.quality ?? 'RED')
    case 'pace':
      return templates.pace(template, {
        left: options.left ?? 0,
        afterMs: afterMs ?? HOUR_MS,
        outcome: options.outcome ?? 'release',
      })
    case 'approve':
    case 'pause':
    case 'unpause':
    case 'disable':
    case 'archive':
    case 'unarchive':
    case 'appeal':
    case 'reinstate':
    case 'flag':
      return templates[act](template)
  }
}
