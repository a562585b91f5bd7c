/** What to write where a text must have a certain form. The English one is the message of the schema itself. */
export const formatHints = {
  slug: {
    en: 'Use lower-case letters, digits and single hyphens, such as "welcome-web-lead".',
    ja: '半角の英小文字、数字、単独のハイフンを使ってください(例:「welcome-web-lead」)。',
  },
  apiName: {
    en: 'Use the API name, such as "Last_Name".',
    ja: 'API名を使ってください(例:「Last_Name」)。',
  },
  duration: {
    en: 'Use an ISO 8601 duration, such as "P2D" or "PT30M".',
    ja: 'ISO 8601の期間を使ってください(例:「P2D」「PT30M」)。',
  },
  offset: {
    en: 'Use an ISO 8601 duration, such as "-P3D" for three days before.',
    ja: 'ISO 8601の期間を使ってください(例:3日前は「-P3D」)。',
  },
  timeOfDay: {
    en: 'Use a time of day such as "09:00".',
    ja: '時刻を使ってください(例:「09:00」)。',
  },
  templateName: {
    en: 'Use lower-case letters, digits and underscores.',
    ja: '半角の英小文字、数字、アンダースコアを使ってください。',
  },
  templateLanguage: {
    en: 'Use a WhatsApp language code, such as "ja" or "en_GB".',
    ja: 'WhatsAppの言語コードを使ってください(例:「ja」「en_GB」)。',
  },
  flowId: {
    en: 'Use the id of a flow: digits only.',
    ja: 'フローのIDを数字で書いてください。',
  },
  stepId: {
    en: 'Use letters, digits, hyphens and underscores, a letter first, such as "remind-again".',
    ja: '英字で始まる英数字、ハイフン、下線を使ってください(例:「remind-again」)。',
  },
  date: {
    en: 'Use a date that exists, such as "2026-11-23".',
    ja: '実在する日付を書いてください(例:「2026-11-23」)。',
  },
} as const
