/**
 * Webhook fields without which the product does not keep its word: people's messages and statuses, what they want, and whatever moves an
 * account, its numbers and its templates.
 *
 * Source: Meta, WhatsApp Business Platform, "Webhooks" (fields).
 */
export const NEEDED_FIELDS = [
  'account_alerts',
  'account_review_update',
  'account_update',
  'business_capability_update',
  'message_template_components_update',
  'message_template_quality_update',
  'message_template_status_update',
  'messages',
  'phone_number_name_update',
  'phone_number_quality_update',
  'security',
  'template_category_update',
  'user_preferences',
] as const

/** Read and told too, and no harm where an app may not subscribe to them. */
export const WELCOME_FIELDS = [
  'flows',
  'partner_solutions',
  'payment_configuration_update',
  'phone_number_username_update',
] as const
