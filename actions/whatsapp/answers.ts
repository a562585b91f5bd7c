import { z } from 'zod'

/** Shapes of what the Graph API answers. All are loose: WhatsApp adds keys at any time, and none of them is an error. */

/** Source: Meta, Cloud API, "Sending messages". `wa_id` may differ from the number that was dialled. */
export const sent = z.looseObject({
  contacts: z
    .array(z.looseObject({ wa_id: z.string().optional(), user_id: z.string().optional() }))
    .optional()
    .catch(undefined),
  messages: z
    .array(z.looseObject({ id: z.string().min(1), message_status: z.string().optional().catch(undefined) }))
    .min(1),
})

/** Source: Meta, Cloud API, "Template management". `quality_score` and `rejected_reason` come only when asked for. */
export const template = z.looseObject({
  id: z.string(),
  name: z.string(),
  language: z.string(),
  // One odd template must not hide all others; a status we cannot read is not APPROVED, so it is not sent.
  status: z.string().catch('UNKNOWN'),
  category: z.string().catch('UNKNOWN'),
  quality_score: z.looseObject({ score: z.string().optional() }).optional().catch(undefined),
  rejected_reason: z.string().nullish(),
  parameter_format: z.string().optional(),
  components: z.array(z.json()).optional().catch(undefined),
})
export type TemplateNode = z.infer<typeof template>
export const TEMPLATE_FIELDS =
  'id,name,language,status,category,quality_score,rejected_reason,parameter_format,components,message_send_ttl_seconds'

/**
 * Source: Meta, Cloud API, "Business phone numbers". The portfolio's reach is `whatsapp_business_manager_messaging_limit`
 * from v24 and `messaging_limit_tier` before.
 */
export const number = z.looseObject({
  id: z.string(),
  display_phone_number: z.string().catch(''),
  verified_name: z.string().nullish(),
  status: z.string().catch('UNKNOWN'),
  quality_rating: z.string().catch('UNKNOWN'),
  code_verification_status: z.string().nullish(),
  throughput: z.looseObject({ level: z.string().optional() }).optional().catch(undefined),
  is_on_biz_app: z.boolean().optional().catch(undefined),
  name_status: z.string().nullish().catch(undefined),
  platform_type: z.string().nullish().catch(undefined),
  account_mode: z.string().nullish().catch(undefined),
  whatsapp_business_manager_messaging_limit: z.string().nullish().catch(undefined),
  messaging_limit_tier: z.string().nullish().catch(undefined),
})
export type NumberNode = z.infer<typeof number>
export const numberFields = (apiVersion: string): string =>
  'id,display_phone_number,verified_name,status,quality_rating,code_verification_status,throughput,name_status,' +
  'platform_type,account_mode,is_on_biz_app,' +
  (Number(/^v(\d+)/.exec(apiVersion)?.[1] ?? 0) >= 24
    ? 'whatsapp_business_manager_messaging_limit'
    : 'messaging_limit_tier')

export const created = z.looseObject({ id: z.string(), status: z.string().optional(), category: z.string().optional() })
export type CreatedTemplate = z.infer<typeof created>

/** Where the bytes of a sample go: its id is a path, with a query of its own. Source: Meta, Graph API, "Resumable Upload API". */
export const uploadSession = z.looseObject({ id: z.string().regex(/^upload:[\w:.~%+=&?-]+$/) })
export const uploaded = z.looseObject({ h: z.string().min(1) })

/** `paging.next` holds the access token in its query, so it is not read at all; the cursor is enough. */
export const page = z.object({
  data: z.array(z.unknown()),
  paging: z.object({ cursors: z.object({ after: z.string().optional() }).optional() }).optional(),
})
