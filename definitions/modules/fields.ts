import type { Field, FieldType } from '../module.ts'

/** A field from its type, its Japanese and its English label. */
export function field(type: FieldType, ja: string, en: string, more: Omit<Field, 'type' | 'labels'> = {}): Field {
  return { type, labels: { ja, en }, ...more }
}

export const picklist = (ja: string, en: string, values: string[]): Field => field('picklist', ja, en, { values })
export const lookup = (ja: string, en: string, module: string): Field => field('lookup', ja, en, { module })

/** What every module has. */
export const shared = {
  Owner: field('user', '担当者', 'Owner'),
  Tag: field('tags', 'タグ', 'Tag'),
  Description: field('textarea', '詳細情報', 'Description'),
  Created_Time: field('datetime', '作成日時', 'Created Time'),
  Created_By: field('user', '作成者', 'Created By'),
  Modified_Time: field('datetime', '更新日時', 'Modified Time'),
  Modified_By: field('user', '更新者', 'Modified By'),
}

export const leadSource = picklist('データ元', 'Lead Source', [
  'Web',
  'WhatsApp',
  'Advertisement',
  'Cold Call',
  'Employee Referral',
  'External Referral',
  'Online Store',
  'Partner',
  'Public Relations',
  'Sales Email Alias',
  'Seminar Partner',
  'Internal Seminar',
  'Trade Show',
  'Web Download',
  'Web Research',
  'Chat',
])

/** Of one prefix: `Mailing_Street`, `Billing_City`. */
export function address(prefix: '' | 'Mailing' | 'Billing' | 'Shipping'): Record<string, Field> {
  const [ja, en] = { '': ['', ''], Mailing: ['郵送先の', 'Mailing '], Billing: ['請求先の', 'Billing '], Shipping: ['納入先の', 'Shipping '] }[prefix] as [string, string] // prettier-ignore
  const key = prefix === '' ? '' : `${prefix}_`
  const code = prefix === '' || prefix === 'Mailing' ? 'Zip' : 'Code'
  return {
    [`${key}Country`]: field('text', `${ja}国`, `${en}Country`),
    [prefix === '' ? 'Zip_Code' : `${key}${code}`]: field('text', `${ja}郵便番号`, `${en}Zip Code`),
    [`${key}State`]: field('text', `${ja}都道府県`, `${en}State`),
    [`${key}City`]: field('text', `${ja}市区町村`, `${en}City`),
    [`${key}Street`]: field('text', `${ja}番地`, `${en}Street`),
  }
}
