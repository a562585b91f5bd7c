import type { Settings } from '#definitions/settings.ts'
import type { Form, SendIntent } from '#engine/message.ts'
import { readOptOut } from '#engine/optOut.ts'
import type { AccountState, Trouble } from '#engine/state.ts'
import type { Candidate, Judgement } from '#engine/claim.ts'
import { readableId } from '#triggers/fingerprint.ts'
import { NUMBER_ID } from './numbers.ts'
import type { World } from './world.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

type Sending = Extract<Judgement, { kind: 'send' }>
/** A message on its way to somebody. */
interface Gone {
  phone: string
  category: string | null
  instanceId: string | null
}

/** Holds what the guards let go against what the world knows, in the transaction that claims it. */
export function watchClaims(world: World) {
  const prepared = <T>(sql: string) => world.database.prepare<unknown[], T>(sql)
  const templateStatus = prepared<string>('SELECT status FROM templateState WHERE name = ? AND language = ?').pluck()
  const settingsText = prepared<string>("SELECT value FROM setting WHERE key = 'settings'").pluck()
  const stateOfTrigger = prepared<string>('SELECT state FROM inbox WHERE source = ? AND sourceId = ?').pluck()
  const numberStatus = prepared<string>('SELECT status FROM numberState WHERE id = ?').pluck()
  const goneSince = prepared<Gone>(
    `SELECT intent ->> '$.to.phone' AS phone, category, instanceId FROM outbox
     WHERE claimedAt > ? AND (category = 'MARKETING' OR instanceId IS NOT NULL)
       AND state IN ('sending', 'unknown', 'accepted', 'sent', 'delivered', 'read', 'gave_up')`,
  )
  const accountBody = prepared<string>(
    'SELECT body FROM accountState WHERE id = (SELECT accountId FROM numberState WHERE id = ?)',
  ).pluck()
  const numberTroubles = prepared<string>('SELECT troubles FROM numberState WHERE id = ?').pluck()
  const heardOf = new Set<string>()

  const settings = () => JSON.parse(settingsText.get() ?? '{}') as Settings
  const broken = (law: string, { id, to }: SendIntent, now: number, more: object = {}) =>
    world.violate(law, { id, to: to.phone, at: new Date(now).toISOString(), ...more })

  function check(candidates: Candidate[], judgements: Judgement[], now: number): void {
    const gone: Gone[] = []
    for (const [index, judgement] of judgements.entries()) {
      const message = candidates[index]?.message
      if (judgement.kind !== 'send' || message?.intent.kind !== 'sendTemplate') continue
      const { intent } = message
      checkClaim(intent, judgement, now)
      checkCaps(intent, judgement, gone, now)
      const { category } = judgement
      gone.push({ phone: intent.to.phone ?? '', category, instanceId: intent.instanceId ?? null })
    }
  }

  function checkClaim(intent: SendIntent, sending: Sending, now: number): void {
    const { category, form } = sending
    const { numberId, zone } = intent
    checkTroubles(intent, sending, now)
    if (form === 'text') checkWindow(intent, now)
    else checkTemplate(intent, form, now)
    if (settings().integration?.active === false) broken('no send while the integration is off', intent, now)
    if (numberStatus.get(numberId) !== 'CONNECTED') broken('no send from a number that is not connected', intent, now)
    const isOut = optedOut(intent.to.phone ?? '')
    if (isOut.all || (isOut.marketing && category === 'MARKETING'))
      broken('no send to who opted out', intent, now, isOut)
    const { quietHours, quietCategories, timezone } = settings()
    if (quietCategories.includes(category as never) && isQuiet(quietHours, zone ?? timezone, now))
      broken('no send in quiet hours', intent, now, { zone })
    if (isQuiet(intent.quietHours, zone ?? timezone, now))
      broken("no send in its journey's quiet hours", intent, now, { zone, quietHours: intent.quietHours })
  }

  /** Nothing that is known to keep the account, or the number, from sending this very message. */
  function checkTroubles(intent: SendIntent, { category, priceMicros, inWindow }: Sending, now: number): void {
    const account = JSON.parse(accountBody.get(intent.numberId) ?? 'null') as AccountState | null
    if (account?.enabled === false) broken('no send while the account is disabled', intent, now)
    const stops: Record<Trouble['stops'], boolean> = {
      all: true,
      nothing: false,
      paid: priceMicros > 0,
      initiated: !inWindow,
      replies: inWindow,
      marketing: category === 'MARKETING',
      utility: category === 'UTILITY',
    }
    const ofNumber = JSON.parse(numberTroubles.get(intent.numberId) ?? '[]') as Trouble[]
    for (const trouble of [...(account?.troubles ?? []), ...ofNumber]) {
      const endsAt = trouble.until ?? trouble.triedAgainAt ?? Infinity
      if (stops[trouble.stops] && now < endsAt) broken('no send against a known trouble', intent, now, trouble)
    }
  }

  function checkTemplate(intent: SendIntent, form: Form | null, now: number): void {
    const { template } = intent
    const status = template === null ? null : templateStatus.get(template.as ?? template.name, template.language)
    if (status !== 'APPROVED') broken('no send of a template that is not approved', intent, now, { status, form })
  }

  /** The window is open for a day after what somebody wrote, as far as the engine has heard of it. */
  function checkWindow(intent: SendIntent, now: number): void {
    const wrote = world.written.filter(
      ({ phone, at, messageId }) => phone === intent.to.phone && now < at + DAY_MS && wasHeard(messageId),
    )
    if (intent.text === undefined || wrote.length === 0 || intent.numberId !== NUMBER_ID)
      broken('no free text outside the window', intent, now)
  }

  function checkCaps(
    { id, to, frequencyCap: own, instanceId }: SendIntent,
    sending: Sending,
    gone: Gone[],
    now: number,
  ) {
    const before = (per: string) =>
      [...goneSince.all(now - msOf(per)), ...gone].filter(({ phone }) => phone === to.phone)
    const { frequencyCap: ours } = settings()
    if (ours && sending.category === 'MARKETING') {
      const got = before(ours.per).filter(({ category }) => category === 'MARKETING')
      if (got.length >= ours.max) world.violate('no marketing above the frequency cap', { id, cap: ours, got })
    }
    if (own !== undefined && instanceId !== undefined) {
      const got = before(own.per).filter((one) => one.instanceId !== null)
      if (got.length >= own.max) world.violate('no message above the frequency cap of its journey', { id, own, got })
    }
  }

  /** What the person said last, as far as the engine has decided it; what was said in one second is in no order. */
  function optedOut(phone: string): { all: boolean; marketing: boolean } {
    const said = world.written
      .filter((one) => one.phone === phone && wasHeard(one.messageId))
      .sort((a, b) => a.at - b.at)
    const times = said.map(({ at }) => at)
    if (new Set(times).size < times.length) return { all: false, marketing: false }
    const out = { all: false, marketing: false }
    for (const { text } of said) {
      const wish = readOptOut(text, { optOutWords: {} })
      if (wish === null) continue
      const is = wish.direction === 'out'
      if (wish.scope === 'all') out.all = out.marketing = is
      else out.marketing = is
    }
    return out
  }

  function wasHeard(messageId: string): boolean {
    if (heardOf.has(messageId)) return true
    if (stateOfTrigger.get('whatsapp', readableId('message', messageId)) !== 'done') return false
    heardOf.add(messageId)
    return true
  }

  return check
}

/** Of a whole number of days or hours; the settings' zone here has days of one length. */
function msOf(duration: string): number {
  const count = Number(/\d+/.exec(duration)?.[0])
  return count * (duration.includes('T') ? HOUR_MS : DAY_MS)
}

type Quiet = Pick<NonNullable<Settings['quietHours']>, 'from' | 'to' | 'timezone'>

function isQuiet(hours: Quiet | null | undefined, contactZone: string, now: number): boolean {
  if (!hours) return false
  const zone = hours.timezone === 'contact' ? contactZone : hours.timezone
  const wall = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(now)
  const { from, to } = hours
  return from < to ? wall >= from && wall < to : wall >= from || wall < to
}
