import { WhatsAppAnswerInvalid, WhatsAppRefused, WhatsAppUnreachable } from '#actions/whatsapp/faults.ts'
import { templateState } from '#actions/whatsapp/sync.ts'
import type { Instant } from '#engine/clock.ts'
import { TEMPLATE_POLL_SOURCE } from '#engine/decide/template.ts'
import { addDuration } from '#engine/duration.ts'
import { templateKey, type TemplateState } from '#engine/state.ts'
import type { TemplateEvent, WorldEvent } from '#engine/trigger.ts'
import type { DutyParts } from '../duties.ts'
import type { Duty } from '../upkeep.ts'

const MINUTE_MS = 60_000
/** How often it is looked whether an account is due, and the shortest time between two questions to one. */
const POLL_LEAST_MS = 3 * MINUTE_MS
/** The longest: when nothing moves, or WhatsApp does not want to be asked. */
const POLL_MOST_MS = 60 * MINUTE_MS
const BACKOFF = 1.6
/** A template that stands as it did is written down as seen only so often. */
const CONFIRM_EVERY_MS = 6 * 60 * MINUTE_MS

/** WhatsApp says when these have ended, but a webhook may be lost, and some words say no more than that something happened. */
const RESTLESS = new Set([
  'PENDING',
  'IN_APPEAL',
  'PAUSED',
  'FLAGGED',
  'LOCKED',
  'REINSTATED',
  'UNARCHIVED',
  'PENDING_DELETION',
])
/** Not at WhatsApp: not missed when its list is without them. */
const ABSENT = new Set(['DRAFT', 'DELETED'])
/** Too many questions. Source: Meta, Cloud API, "Error codes". */
const TOO_MANY = new Set([4, 80007, 80008])

interface Course {
  askedAt: Instant
  everyMs: number
  /** What was restless when it was asked last: something new is looked at soon. */
  restless: string
}

/**
 * Keeps the templates true: reads every account's list, every page, and tells as events what is not as we know it. Every few minutes
 * while something is in review or paused, less and less often while nothing comes of it, and at least hourly.
 */
export function pollTemplates({ store, clock, accounts, accept }: Omit<DutyParts, 'newId' | 'payments'>): Duty {
  const courses = new Map<string, Course>()

  async function pollAccount(accountId: string, states: TemplateState[], now: Instant): Promise<void> {
    const client = accounts.clientOf(accountId)
    const course = courses.get(accountId)
    const restless = restlessOf(states)
    const isNews = course !== undefined && restless !== course.restless && restless !== ''
    if (client === null || (course !== undefined && !isNews && now < course.askedAt + course.everyMs)) return
    const askedAt = clock.now()
    let everyMs: number
    try {
      const events = eventsOf(await client.listTemplates(accountId), states, accountId, askedAt)
      await accept(events.all)
      const base = course === undefined || isNews || events.moved ? POLL_LEAST_MS : course.everyMs * BACKOFF
      everyMs = restless === '' ? POLL_MOST_MS : base
    } catch (error) {
      if (!isWhatsApps(error)) throw error
      const code = codeOf(error)
      everyMs = TOO_MANY.has(Number(code)) ? POLL_MOST_MS : Math.max(course?.everyMs ?? 0, POLL_LEAST_MS) * 2
      await accept([failure(accountId, code, askedAt)])
    }
    courses.set(accountId, { askedAt, everyMs: Math.min(everyMs, POLL_MOST_MS), restless })
  }

  return {
    name: 'templates',
    everyMs: POLL_LEAST_MS,
    async run(now) {
      const all = await store.templates()
      for (const accountId of accounts.ids()) {
        await pollAccount(
          accountId,
          all.filter((one) => one.accountId === accountId),
          now,
        )
      }
      await accept(staleNotices(all, addDuration(0, (await store.settings()).templates.staleAfter, 'UTC'), now))
    },
  }
}

function restlessOf(states: readonly TemplateState[]): string {
  return states
    .filter((one) => RESTLESS.has(one.status) || isDoubted(one))
    .map((one) => `${templateKey(one)} ${one.status}${isDoubted(one) ? ' doubted' : ''}`)
    .join(' ')
}

/** What the account's list says that we do not know, and what it no longer lists. */
function eventsOf(
  nodes: Parameters<typeof templateState>[0][],
  states: readonly TemplateState[],
  accountId: string,
  askedAt: Instant,
): { all: WorldEvent[]; moved: boolean } {
  const known = new Map(states.map((one) => [templateKey(one), one]))
  const event = (one: Pick<TemplateState, 'name' | 'language'>, more: Partial<TemplateEvent>): TemplateEvent => ({
    kind: 'template',
    source: TEMPLATE_POLL_SOURCE,
    sourceId: `${accountId}:${templateKey(one)}:${askedAt}`,
    occurredAt: askedAt,
    accountId,
    name: one.name,
    language: one.language,
    ...more,
  })
  const listed = new Set<string>()
  const moved: TemplateEvent[] = []
  const confirmed: TemplateEvent[] = []
  for (const node of nodes) {
    const { status, category, quality, reason, metaId, ...key } = templateState(node, accountId, askedAt)
    listed.add(templateKey(key))
    const before = known.get(templateKey(key))
    const told = event(key, {
      status,
      category,
      ...(metaId === null ? {} : { metaId }),
      ...(quality === null ? {} : { quality }),
      ...(reason === null ? {} : { reason }),
    })
    const same =
      before?.status === status && before.category === category && (quality === null || before.quality === quality)
    if (!same) moved.push(told)
    else if (before.checkedAt === null || askedAt >= before.checkedAt + CONFIRM_EVERY_MS) confirmed.push(told)
  }
  const gone = states.filter(
    (one) => one.metaId !== null && !ABSENT.has(one.status) && !listed.has(templateKey(one)) && one.updatedAt < askedAt,
  )
  const missed = gone.map((one) => event(one, { status: 'DELETED', reason: 'The account no longer lists it.' }))
  return { all: [...moved, ...missed, ...confirmed], moved: moved.length + missed.length > 0 }
}

/** Once for each account and each time it was last heard of. */
function staleNotices(states: readonly TemplateState[], staleMs: number, now: Instant): WorldEvent[] {
  const stale = states.filter((one) => !ABSENT.has(one.status) && heardAt(one) + staleMs <= now)
  const oldest = new Map<string, TemplateState>()
  for (const one of stale.toSorted((a, b) => heardAt(b) - heardAt(a))) oldest.set(one.accountId, one)
  return [...oldest.values()].map((one): WorldEvent => ({
    kind: 'notice',
    source: 'denrei',
    sourceId: `template_stale:${one.accountId}:${templateKey(one)}:${heardAt(one)}`,
    occurredAt: heardAt(one) + staleMs,
    code: 'template_stale',
    severity: 'warning',
    details: { accountId: one.accountId, name: one.name, language: one.language, checkedAt: heardAt(one) },
  }))
}

/** A send was refused because WhatsApp knows it otherwise than we do: see decide/account.ts. */
const isDoubted = ({ checkedAt }: TemplateState): boolean => checkedAt === 0

const heardAt = ({ checkedAt, updatedAt }: TemplateState): Instant => checkedAt || updatedAt

const HOUR_MS = 60 * MINUTE_MS

/** Kept, once an hour for each code. What a token or an account needs is found out by those who watch it. */
function failure(accountId: string, code: string, now: Instant): WorldEvent {
  const hour = Math.floor(now / HOUR_MS)
  return {
    kind: 'account',
    source: 'denrei',
    sourceId: `template-poll-failed:${accountId}:${code}:${hour}`,
    occurredAt: hour * HOUR_MS,
    accountId,
    field: 'template_poll_failed',
    value: { code },
  }
}

function isWhatsApps(error: unknown): error is WhatsAppRefused | WhatsAppUnreachable | WhatsAppAnswerInvalid {
  return (
    error instanceof WhatsAppRefused || error instanceof WhatsAppUnreachable || error instanceof WhatsAppAnswerInvalid
  )
}

function codeOf(error: WhatsAppRefused | WhatsAppUnreachable | WhatsAppAnswerInvalid): string {
  const { code } = error.details as { code?: number | null }
  return code === undefined || code === null ? error.code : String(code)
}
