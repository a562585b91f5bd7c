import type { Action, BuiltinAction, JourneyTrigger, Span, WorkflowTrigger } from '../definitions.ts'
import type { Language } from '../problemTexts/words.ts'

/** The words of a picture that the writer of the definition did not choose. */
export const words = {
  en: {
    otherwise: 'otherwise',
    yes: 'yes',
    no: 'no',
    then: 'it happens',
    timeout: (span: string) => `not within ${span}`,
    after: (span: string) => `after ${span}`,
    past: 'date past',
    wait: (span: string) => `wait ${span}`,
    waitUntil: (when: string) => `wait until ${when}`,
    waitFor: (what: string) => `wait for ${what}`,
    send: (what: string) => `send ${what}`,
    text: 'free text',
    split: 'split',
    branch: 'which?',
    goto: (step: string, max: number) => `back to ${step}, at most ${max} times`,
    spent: 'no more rounds',
    exit: (reason: string) => `leave: ${reason}`,
    end: 'end',
    sla: (span: string) => `escalates after ${span}`,
  },
  ja: {
    otherwise: 'その他',
    yes: 'はい',
    no: 'いいえ',
    then: '発生',
    timeout: (span: string) => `${span}以内に発生せず`,
    after: (span: string) => `${span}後`,
    past: '日時が過去',
    wait: (span: string) => `${span}待つ`,
    waitUntil: (when: string) => `${when}まで待つ`,
    waitFor: (what: string) => `${what}を待つ`,
    send: (what: string) => `${what}を送信`,
    text: '自由文',
    split: '振り分け',
    branch: '条件分岐',
    goto: (step: string, max: number) => `${step}へ戻る(最大${max}回)`,
    spent: '回数超過',
    exit: (reason: string) => `離脱: ${reason}`,
    end: '終了',
    sla: (span: string) => `${span}でエスカレーション`,
  },
} satisfies Record<Language, object>

const units = {
  en: {
    ...{ Y: 'year', M: 'month', W: 'week', D: 'day', H: 'hour', m: 'minute', S: 'second' },
    ...{ business_days: 'business day', business_hours: 'business hour', business_minutes: 'business minute' },
  },
  ja: {
    ...{ Y: '年', M: 'か月', W: '週間', D: '日', H: '時間', m: '分', S: '秒' },
    ...{ business_days: '営業日', business_hours: '営業時間', business_minutes: '営業分' },
  },
}

/** A length of time in words: `2 days`, `2日`, `3 business days (tokyo-office)`. */
export function spanText(span: Span, language: Language): string {
  const said = (count: number, unit: keyof (typeof units)['en']) =>
    language === 'ja' ? `${count}${units.ja[unit]}` : `${count} ${units.en[unit]}${count === 1 ? '' : 's'}`
  if (typeof span !== 'string') {
    const text = said(span.count, span.unit)
    return span.calendar === undefined ? text : `${text} (${span.calendar})`
  }
  const [date = '', time = ''] = span.slice(1).split('T')
  const pieces = [...date.matchAll(/(\d+)([YMWD])/g), ...time.replace('M', 'm').matchAll(/(\d+)([HmS])/g)]
  return pieces
    .map(([, count, unit]) => said(Number(count), unit as keyof (typeof units)['en']))
    .join(language === 'ja' ? '' : ' ')
}

/** What sets an automation off. Names of triggers are the language of definitions, so they stay as they are. */
export function triggerText(module: string, trigger: WorkflowTrigger | JourneyTrigger): string {
  return [module, trigger.on, ...detailsOf(trigger)].filter((part) => part !== undefined).join(' ')
}

function detailsOf(trigger: WorkflowTrigger | JourneyTrigger): (string | undefined)[] {
  if (trigger.on === 'field.changed') return [trigger.fields.map(({ field }) => field).join(', ')]
  if (trigger.on === 'date') return [trigger.field, trigger.offset, trigger.at, trigger.every]
  if (trigger.on === 'schedule') return [trigger.cron, trigger.timezone]
  return trigger.on === 'message.status' ? [trigger.status?.join(', ')] : []
}

/** One line for an action: its type and what it is about. */
export function actionText(someAction: Action): string {
  const action = someAction as BuiltinAction
  switch (action.type) {
    case 'sendTemplate':
      return `${action.type} ${action.template}`
    case 'updateRecord':
      return `${action.type} ${Object.keys(action.set).join(', ')}`
    case 'createRecord':
      return `${action.type} ${action.module}`
    case 'createTask':
      return `${action.type} ${action.subject}`
    case 'addTags':
    case 'removeTags':
      return `${action.type} ${action.tags.join(', ')}`
    case 'assignOwner':
      return `${action.type} ${action.users.join(', ')}`
    case 'notify':
      return `${action.type} ${action.user ?? action.role ?? action.group ?? ''}`
    case 'callWebhook':
      return `${action.type} ${new URL(action.url).host}`
    default:
      return (action satisfies never as Action).type // A plugin's.
  }
}
