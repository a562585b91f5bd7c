import type { Json } from '#definitions/json.ts'
import type { Instant } from '../clock.ts'
import type { NoticeCode, Severity } from '../notice.ts'
import { templateKey, type NumberState, type Trouble, type TroubleCode } from '../state.ts'
import type { AccountNews } from '../accountNews.ts'
import type { AccountEvent, NoticeEvent, Trigger } from '../trigger.ts'
import {
  ACCOUNT,
  closeDesk,
  isNewest,
  nameOf,
  newestOf,
  numberName,
  numberOf,
  openDesk,
  putNumber,
  putTroubles,
  targetName,
  targetOf,
  tell,
  troublesOf,
  type Desk,
} from './accountDesk.ts'
import { knowContact } from './contact.ts'
import type { Draft } from './draft.ts'
import { capContact } from './personError.ts'

/**
 * Something about an account. Kept raw, always: nothing that WhatsApp tells is dropped. What was understood moves the account and
 * its numbers, once each word is known to be the newest; admins are told exactly when that changed something; and what waited
 * goes on when what stopped it is over.
 */
export function decideAccount(draft: Draft<AccountEvent & Trigger>): Draft {
  const { trigger } = draft
  draft.changes.push({ kind: 'keep', field: trigger.field, value: trigger.value, at: trigger.occurredAt })
  if (trigger.says !== undefined) applyNews(draft, trigger.accountId, trigger.says, trigger.occurredAt)
  return draft
}

/** Told to the admins. */
export function decideNotice(draft: Draft<NoticeEvent & Trigger>): Draft {
  const { code, severity, details, occurredAt } = draft.trigger
  tell(draft, { code, severity, details }, occurredAt)
  return draft
}

/**
 * Applies news to the account, its numbers, and where it concerns them the templates and people.
 *
 * @param accountId of an account that is not ours (neither it nor a number of it is known), news about it is not applied
 */
export function applyNews(draft: Draft, accountId: string, says: readonly AccountNews[], at: Instant): void {
  const desk = openDesk(draft, accountId, at)
  for (const news of says) {
    switch (news.about) {
      case 'notice':
        tell(draft, news, at)
        break
      case 'template':
        doubtTemplate(draft, news)
        break
      case 'person':
        capContact(draft, knowContact(draft, news.who), news.error, at)
        break
      case 'account':
      case 'number':
      case 'reach':
      case 'trouble':
      case 'mended':
        if (desk === null) draft.notes.push('other_account')
        else applyToDesk(desk, news)
    }
  }
  if (desk !== null) closeDesk(desk)
}

/** Long ago: whoever keeps the templates true looks at the one first that was confirmed longest ago. */
const NEVER_CHECKED: Instant = 0

function doubtTemplate(draft: Draft, which: { name: string; language: string }): void {
  const template = draft.known.templates.get(templateKey(which))
  if (template === undefined || template.checkedAt === NEVER_CHECKED) return
  draft.changes.push({ kind: 'putTemplate', template: { ...template, checkedAt: NEVER_CHECKED } })
  draft.notes.push('template_doubted')
}

type DeskNews = Exclude<AccountNews, { about: 'notice' | 'template' | 'person' }>

function applyToDesk(desk: Desk, news: DeskNews): void {
  switch (news.about) {
    case 'account':
      return changeAccount(desk, news.change)
    case 'reach':
      return changeReach(desk, news.reachMax)
    case 'number': {
      const number = numberOf(desk, news)
      if (number === null) return void desk.draft.notes.push('unknown_number')
      return changeNumber(desk, number.id, news.change, news.details ?? {})
    }
    case 'trouble': {
      const target = targetOf(desk, news)
      return target === null ? void desk.draft.notes.push('unknown_number') : addTrouble(desk, target, news.trouble)
    }
    case 'mended': {
      const target = targetOf(desk, news)
      return target === null ? void desk.draft.notes.push('unknown_number') : mend(desk, target, news.codes)
    }
  }
}

function changeAccount(desk: Desk, change: Extract<AccountNews, { about: 'account' }>['change']): void {
  const before = desk.account
  const news = newestOf(desk, '', change)
  desk.account = { ...desk.account, ...news }
  for (const field of ['reviewStatus', 'country', 'currency', 'zone'] as const) {
    const from = before[field]
    const to = desk.account[field]
    // The first word on it is what is known from now on, no change.
    if (from === to || from === null) continue
    const severity = field === 'reviewStatus' && to === 'REJECTED' ? 'critical' : 'info'
    tell(
      desk.draft,
      { code: 'account_updated', severity, details: { ...nameOf(desk), what: field, from, to } },
      desk.at,
    )
  }
}

function changeReach(desk: Desk, reachMax: number | null): void {
  if (!isNewest(desk, 'reach')) return
  const changed = [...desk.numbers.values()].filter(({ now }) => now.reachMax !== reachMax)
  const [first] = changed
  if (first === undefined) return
  const details = { ...nameOf(desk), what: 'reach', from: first.now.reachMax, to: reachMax }
  for (const { now } of changed) putNumber(desk, { ...now, reachMax })
  const less = reachMax !== null && (first.now.reachMax === null || reachMax < first.now.reachMax)
  tell(desk.draft, { code: 'number_limit_changed', severity: less ? 'warning' : 'info', details }, desk.at)
}

function changeNumber(
  desk: Desk,
  id: string,
  change: Extract<AccountNews, { about: 'number' }>['change'],
  more: Record<string, Json>,
): void {
  const before = desk.numbers.get(id)?.now
  if (before === undefined) return
  const after = { ...before, ...newestOf(desk, `number/${id}/`, change) }
  putNumber(desk, after)
  const details = { ...numberName(after), ...more }
  const notice = (code: NoticeCode, severity: Severity, what: Record<string, Json>) =>
    tell(desk.draft, { code, severity, details: { ...details, ...what } }, desk.at)
  if (before.quality !== after.quality) {
    const severity = after.quality === 'RED' ? 'critical' : after.quality === 'YELLOW' ? 'warning' : 'info'
    notice('number_quality_changed', severity, { from: before.quality, to: after.quality })
  }
  if (before.throughput !== after.throughput) {
    const severity = after.throughput < before.throughput ? 'warning' : 'info'
    notice('number_limit_changed', severity, { what: 'throughput', from: before.throughput, to: after.throughput })
  }
  if (before.nameStatus !== after.nameStatus && after.nameStatus !== null) {
    const declined = after.nameStatus === 'DECLINED'
    notice('number_name_decided', declined ? 'warning' : 'info', {
      decision: after.nameStatus,
      name: more.name ?? after.verifiedName,
    })
  }
  if (isReady(before) && !isReady(after)) {
    const status = after.verified ? after.status : 'UNVERIFIED'
    notice('number_trouble', 'critical', { trouble: 'status', stops: 'all', detail: status, until: null })
  } else if (!isReady(before) && isReady(after)) {
    notice('number_mended', 'info', { troubles: ['status'] })
    desk.draft.changes.push({ kind: 'release', waitsFor: 'number_ready', at: desk.draft.now })
  }
}

const isReady = ({ status, verified }: NumberState): boolean => status === 'CONNECTED' && verified

/** The same trouble again is no news: when it ends and what was said of it is refreshed, and nobody is told twice. */
function addTrouble(desk: Desk, target: string, trouble: Omit<Trouble, 'since'>): void {
  if (!isNewest(desk, `trouble/${target}/${trouble.code}`)) return
  const standing = troublesOf(desk, target)
  const same = (one: Trouble) => one.code === trouble.code && one.stops === trouble.stops
  const before = standing.find(same)
  // One that had ended by itself, and nobody noticed, begins anew.
  const goesOn = before !== undefined && (before.until === null || before.until > desk.at)
  const now: Trouble = { ...trouble, since: goesOn ? before.since : desk.at }
  putTroubles(desk, target, [...standing.filter((one) => !same(one)), now])
  if (goesOn) return
  const { code, stops, until, detail } = trouble
  tell(
    desk.draft,
    {
      code: target === ACCOUNT ? 'account_trouble' : 'number_trouble',
      severity: severityOf(trouble),
      details: { ...targetName(desk, target), trouble: code, stops, until, detail },
    },
    desk.at,
  )
  desk.draft.notes.push(`trouble ${code}`)
}

function severityOf({ code, stops }: Pick<Trouble, 'code' | 'stops'>): Severity {
  if (code === 'maintenance') return 'info'
  return code === 'account_banned' || stops === 'all' || stops === 'paid' ? 'critical' : 'warning'
}

function mend(desk: Desk, target: string, codes: TroubleCode[] | 'all'): void {
  const standing = troublesOf(desk, target)
  const named = codes === 'all' ? [...new Set(standing.map(({ code }) => code))] : codes
  const newest = new Set(named.filter((code) => isNewest(desk, `trouble/${target}/${code}`)))
  const over = standing.filter(({ code }) => newest.has(code))
  if (over.length === 0) return
  putTroubles(
    desk,
    target,
    standing.filter(({ code }) => !newest.has(code)),
  )
  const troubles = [...new Set(over.map(({ code }) => code))]
  tell(
    desk.draft,
    {
      code: target === ACCOUNT ? 'account_mended' : 'number_mended',
      severity: 'info',
      details: { ...targetName(desk, target), troubles },
    },
    desk.at,
  )
  desk.draft.notes.push(...troubles.map((code) => `mended ${code}`))
  if (over.every(({ stops }) => stops === 'nothing')) return
  const waitsFor = target === ACCOUNT ? 'integration_active' : 'number_ready'
  desk.draft.changes.push({ kind: 'release', waitsFor, at: desk.draft.now })
}
