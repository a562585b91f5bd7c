import type { EmulatedTemplate } from '../templates.ts'

export const DEFAULT_FIELDS = [
  ...['name', 'parameter_format', 'components', 'language', 'status', 'category', 'previous_category', 'id'],
  'message_send_ttl_seconds',
]

/** A template as REST tells it. `quality_score` and `rejected_reason` only come when asked for. */
export const templateNode = (template: EmulatedTemplate): Record<string, unknown> => ({
  name: template.name,
  parameter_format: template.parameterFormat,
  components: template.components,
  language: template.language,
  status: template.status,
  category: template.category,
  ...(template.previousCategory === null ? {} : { previous_category: template.previousCategory }),
  ...(template.timeToLiveSeconds === undefined ? {} : { message_send_ttl_seconds: template.timeToLiveSeconds }),
  id: template.id,
  rejected_reason: template.rejectedReason,
  ...(template.correctCategory === null ? {} : { correct_category: template.correctCategory.category }),
  quality_score: {
    score: template.quality?.score ?? (template.pauses > 0 ? 'RED' : 'UNKNOWN'),
    date: Math.floor((template.quality?.at ?? template.createdAt) / 1000),
  },
})
