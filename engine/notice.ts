/** How soon somebody should look: at leisure, today, now. */
export type Severity = 'info' | 'warning' | 'critical'

/**
 * What admins are told without an automation saying so. Stable codes; the words for each stand in `server/noticeTexts.ts`, in
 * Japanese and English, and are made when a notice is read.
 */
export type NoticeCode =
  // the account and its numbers
  | 'account_trouble'
  | 'account_mended'
  | 'account_updated'
  | 'account_alert'
  | 'number_quality_changed'
  | 'number_limit_changed'
  | 'number_name_decided'
  | 'number_security_changed'
  | 'number_trouble'
  | 'number_mended'
  | 'token_expires'
  | 'whatsapp_unreachable'
  | 'webhook_field_unknown'
  // templates
  | 'template_approved'
  | 'template_rejected'
  | 'template_paused'
  | 'template_resumed'
  | 'template_disabled'
  | 'template_category_will_change'
  | 'template_category_changed'
  | 'template_quality_changed'
  | 'template_stale'
  | 'template_gone'
  | 'template_took_over'
  // money
  | 'purchase_succeeded'
  | 'purchase_failed'
  | 'purchase_returned'
  | 'purchase_disputed'
  | 'recharge_failed'
  | 'recharge_capped'
  | 'balance_low'
  | 'runway_short'
  | 'rate_card_missing'
  | 'reconciliation_differs'
  | 'volume_tier_reached'
  // people
  | 'person_erased'
  | 'intake_without_assignee'
