import { z } from 'zod'

/** Shapes of what the Graph API answers while an account is connected. Loose, like all shapes of answers.ts. */

const text = z.string().nullish().catch(undefined)

/** Source: Meta, Facebook Login, "Access tokens": the code of an embedded sign-up is exchanged within 30 seconds. */
export const exchanged = z.looseObject({ access_token: z.string().min(1), expires_in: z.number().optional() })

/** Source: Meta, Graph API, "Debug token". Times are seconds; 0 means never. `target_ids` left out means: all. */
const tokenInfo = z.looseObject({
  app_id: z.coerce.string().optional(),
  type: text,
  is_valid: z.boolean().catch(false),
  scopes: z.array(z.string()).catch([]),
  expires_at: z.number().nullish().catch(undefined),
  data_access_expires_at: z.number().nullish().catch(undefined),
  user_id: z.coerce.string().optional(),
  error: z.looseObject({ code: z.number().optional(), message: z.string().optional() }).optional().catch(undefined),
  granular_scopes: z
    .array(z.looseObject({ scope: z.string(), target_ids: z.array(z.coerce.string()).optional() }))
    .optional()
    .catch(undefined),
})
export type TokenInfo = z.infer<typeof tokenInfo>
export const tokenAnswer = z.looseObject({ data: tokenInfo })

export const app = z.looseObject({ id: z.coerce.string(), name: text })
export type AppNode = z.infer<typeof app>

/** Source: Meta, Business Management API, "Business". `verification_status`: `verified`, `not_verified`, ... */
export const business = z.looseObject({ id: z.string(), name: text, verification_status: text })
export type BusinessNode = z.infer<typeof business>
export const BUSINESS_FIELDS = 'id,name,verification_status'

/** Source: Meta, Cloud API, "Messaging and calling health status": the whole is as bad as its worst part. */
const health = z.looseObject({
  can_send_message: z.string().catch('UNKNOWN'),
  entities: z
    .array(
      z.looseObject({
        entity_type: z.string().catch('UNKNOWN'),
        id: z.coerce.string().catch(''),
        can_send_message: z.string().catch('UNKNOWN'),
        additional_info: z.array(z.string()).optional().catch(undefined),
        errors: z
          .array(
            z.looseObject({
              error_code: z.coerce.number().optional().catch(undefined),
              error_description: z.string().catch(''),
              possible_solution: z.string().optional().catch(undefined),
            }),
          )
          .optional()
          .catch(undefined),
      }),
    )
    .catch([]),
})
export type Health = z.infer<typeof health>
export const healthAnswer = z.looseObject({ health_status: health })

/** A WhatsApp Business account. Source: Meta, Cloud API, "WhatsApp Business accounts". */
export const account = z.looseObject({
  id: z.string(),
  name: text,
  currency: text,
  timezone_id: z.coerce.string().nullish().catch(undefined),
  country: text,
  account_review_status: text,
  business_verification_status: text,
  health_status: health.optional().catch(undefined),
  owner_business_info: z.looseObject({ id: z.coerce.string(), name: text }).nullish().catch(undefined),
  on_behalf_of_business_info: z.looseObject({ id: z.coerce.string(), name: text }).nullish().catch(undefined),
})
export type AccountNode = z.infer<typeof account>
export const ACCOUNT_FIELDS =
  'id,name,currency,timezone_id,country,account_review_status,business_verification_status,health_status,' +
  'owner_business_info,on_behalf_of_business_info'

export const success = z.looseObject({ success: z.boolean().optional(), id: z.coerce.string().optional() })

export const subscriptions = z.looseObject({
  data: z.array(
    z.looseObject({
      whatsapp_business_api_data: z.looseObject({ id: z.coerce.string(), name: text }).optional().catch(undefined),
      override_callback_uri: text,
    }),
  ),
})

/**
 * What an app is told of one kind of thing. Source: Meta, Graph API, "Application subscriptions". `fields` are names, or names with the
 * version of their payload.
 */
export const appSubscriptions = z.looseObject({
  data: z.array(
    z.looseObject({
      object: z.string(),
      callback_url: text,
      active: z.boolean().catch(true),
      fields: z
        .array(z.union([z.string(), z.looseObject({ name: z.string() }).transform(({ name }) => name)]))
        .catch([]),
    }),
  ),
})

/** Source: Meta, Cloud API, "Business profiles". */
const profile = z.looseObject({
  about: text,
  address: text,
  description: text,
  email: text,
  vertical: text,
  websites: z.array(z.string()).nullish().catch(undefined),
  profile_picture_url: text,
})
export const profiles = z.looseObject({ data: z.array(profile) })
export const PROFILE_FIELDS = 'about,address,description,email,profile_picture_url,websites,vertical'
export type ProfileNode = z.infer<typeof profile>
