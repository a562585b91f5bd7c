import type { Settings } from '#definitions/settings.ts'
import { builtinModules } from '#definitions/modules.ts'
import type { Decision } from '#engine/decision.ts'
import { compileDefinitions, type DefinitionSet } from '#engine/definitionSet.ts'
import type { LoadRequest, SendFacts, WorkingSet } from '#engine/facts.ts'
import type { SendIntent } from '#engine/message.ts'
import { readOptOut } from '#engine/optOut.ts'
import { runBatch } from '#engine/run.ts'
import type { Candidate, ClaimRequest, Judgement, Store, StoredDefinition } from '#engine/store.ts'
import { silentObserver, type Observer } from '#server/observer.ts'
import { readableId } from '#triggers/fingerprint.ts'
import type { StoreWatch } from './life.ts'
import type { World } from './world.ts'

const NEVER_AT = 8_640_000_000_000_000
const DAY_MS = 86_400_000

export interface Watch extends StoreWatch {
  observer: Observer
  /** The earliest instant, by the server's clock, at which the engine has something to do; Infinity when never. */
  engineDueAt(): number
  due(): unknown
}

/** What a batch was decided on, as it was before the engine folded its decisions into it. */
interface Seen {
  request: LoadRequest
  known: WorkingSet
  facts: SendFacts[]
}

/** Looks over the engine's shoulder: what it decides is decided twice, and each claim is held against the laws. */
export function watchOver(world: World): Watch {
  const { database } = world
  const prepared = <T>(sql: string) => database.prepare<unknown[], T>(sql)
  const outboxDue = prepared<number | null>(
    "SELECT min(dueAt) FROM outbox WHERE state IN ('queued', 'held', 'unknown')",
  ).pluck()
  const leaseEnds = prepared<number | null>("SELECT min(leasedUntil) FROM outbox WHERE state = 'sending'").pluck()
  const holdEnds = prepared<number | null>(
    "SELECT min(dueAt) FROM outbox WHERE holdState = 'held' AND state IN ('accepted', 'sent')",
  ).pluck()
  const timerDue = prepared<number | null>("SELECT min(dueAt) FROM timer WHERE state = 'waiting'").pluck()
  const pending = prepared<number>("SELECT 1 FROM inbox WHERE state = 'pending' LIMIT 1").pluck()
  const templateStatus = prepared<string>('SELECT status FROM templateState WHERE name = ? AND language = ?').pluck()
  const settingsText = prepared<string>("SELECT value FROM setting WHERE key = 'settings'").pluck()
  const stateOfTrigger = prepared<string>('SELECT state FROM inbox WHERE source = ? AND sourceId = ?').pluck()
  const numberStatus = prepared<string>('SELECT status FROM numberState WHERE id = ?').pluck()
  const marketing = prepared<{ phone: string; category: string }>(
    `SELECT json_extract(intent, '$.to.phone') AS phone, category FROM outbox WHERE category = 'MARKETING' AND claimedAt > ?
       AND state IN ('sending', 'unknown', 'accepted', 'sent', 'delivered', 'read', 'gave_up')`,
  )
  const heardOf = new Set<string>()
  let seen: Seen | null = null

  // decide is deterministic

  const definitionsMark = prepared<string | null>(
    "SELECT group_concat(key || '@' || version || active) FROM (SELECT * FROM definitionVersion ORDER BY key, version)",
  ).pluck()
  const newestDefinitions = prepared<Omit<StoredDefinition, 'definition'> & { definition: string }>(
    `SELECT * FROM definitionVersion AS one
     WHERE version = (SELECT max(version) FROM definitionVersion WHERE key = one.key) ORDER BY key`,
  )
  let mark: string | null | undefined = null
  /** As they stand in the store, and as they stood before: the engine compiles new ones a moment after they are saved. */
  let sets: DefinitionSet[] = [compileDefinitions([], builtinModules)]
  function definitionSets(): DefinitionSet[] {
    const now = definitionsMark.get()
    if (now !== mark) {
      const stored = newestDefinitions.all().map((row) => ({
        ...row,
        active: Boolean(row.active),
        definition: JSON.parse(row.definition) as StoredDefinition['definition'],
      }))
      sets = [compileDefinitions(stored, builtinModules), ...sets.slice(0, 1)]
      mark = now
    }
    return sets
  }

  /** The same triggers, the same facts, another run of the engine: the same decisions, to the letter. */
  async function decideAgain({ request, known, facts }: Seen, told: string, now: number): Promise<void> {
    const results: string[] = []
    for (const set of definitionSets()) {
      const store = {
        pending: async () => request.triggers,
        load: async () => structuredClone(known),
        sendFacts: async () => structuredClone(facts),
        commit: async (decisions: Decision[]) => {
          results.push(JSON.stringify(decisions))
          return { kind: 'committed' as const }
        },
        setAside: async (id: string, error: string) => void results.push(`${id}: ${error}`),
      } as unknown as Store
      const shell = { store, clock: { now: () => now }, newId: () => 'none', definitions: () => set }
      await runBatch(shell, request.triggers.length)
      if (results.includes(told)) return
    }
    world.violate('deciding again decides the same', { told, results })
  }

  // claims

  /** Looks at what the guards let go, in the transaction that claims it. */
  function checkClaims(candidates: Candidate[], judgements: Judgement[], now: number): void {
    const gone: { phone: string; category: string | null }[] = []
    for (const [index, judgement] of judgements.entries()) {
      const message = candidates[index]?.message
      if (judgement.kind !== 'send' || message?.intent.kind !== 'sendTemplate') continue
      const { intent } = message
      const { category } = judgement
      const phone = intent.to.phone ?? ''
      checkClaim(intent, category, now)
      const cap = settings().frequencyCap
      if (cap && category === 'MARKETING') {
        const since = now - Number(/\d+/.exec(cap.per)?.[0]) * DAY_MS
        const before = [...marketing.all(since), ...gone.filter((one) => one.category === 'MARKETING')]
        const got = before.filter((one) => one.phone === phone)
        if (got.length >= cap.max) broken('no marketing above the frequency cap', intent, now, { cap, got })
      }
      gone.push({ phone, category })
    }
  }

  const settings = () => JSON.parse(settingsText.get() ?? '{}') as Settings
  const broken = (law: string, { id, to }: SendIntent, now: number, more: object = {}) =>
    world.violate(law, { id, to: to.phone, at: new Date(now).toISOString(), ...more })

  function checkClaim(intent: SendIntent, category: string | null, now: number): void {
    const { template, numberId, zone } = intent
    const status = template === null ? null : templateStatus.get(template.name, template.language)
    if (template !== null && status !== 'APPROVED')
      broken('no send of a template that is not approved', intent, now, { status })
    if (settings().integration?.active === false) broken('no send while the integration is off', intent, now)
    if (numberStatus.get(numberId) !== 'CONNECTED') broken('no send from a number that is not connected', intent, now)
    const isOut = optedOut(intent.to.phone ?? '')
    if (isOut.all || (isOut.marketing && category === 'MARKETING'))
      broken('no send to who opted out', intent, now, isOut)
    if (isQuiet(zone, category, settings(), now)) broken('no send in quiet hours', intent, now, { zone })
  }

  /** What the person said last, as far as the engine has decided it; what was said in one second is in no order. */
  function optedOut(phone: string): { all: boolean; marketing: boolean } {
    const said = world.consents
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

  return {
    before(method, args) {
      if (method !== 'claim') return args
      const [request, judge, newId] = args as [ClaimRequest, (candidates: Candidate[]) => Judgement[], () => string]
      const watched = (candidates: Candidate[]) => {
        const judgements = judge(candidates)
        checkClaims(candidates, judgements, request.now)
        return judgements
      }
      return [request, watched, newId]
    },
    after(method, args, made) {
      world.time.activity++
      if (method === 'load') {
        const [request] = structuredClone(args as [LoadRequest])
        void made.then((known) => (seen = { request, known: structuredClone(known as WorkingSet), facts: [] }))
      } else if (method === 'sendFacts') {
        void made.then((facts) => seen !== null && (seen.facts = structuredClone(facts as SendFacts[])))
      } else if (method === 'commit' && seen !== null) {
        const [decisions, , now] = args as [Decision[], unknown, number]
        void world.time.during(decideAgain(seen, JSON.stringify(decisions), now))
      }
    },
    observer: {
      ...silentObserver,
      setAside: (triggerId, error) => world.violate('no trigger is set aside', { triggerId, error: String(error) }),
      faltered: (loop, error) => {
        world.violate('no loop falters', { loop, error: error instanceof Error ? error.stack : String(error) })
      },
      unsettled: (settlement, error) =>
        world.violate('every answer can be written', { settlement, error: String(error) }),
    },
    engineDueAt() {
      if (pending.get() === 1) return -Infinity
      const times = [outboxDue.get(), leaseEnds.get(), holdEnds.get(), timerDue.get()].map((at) => at ?? Infinity)
      const least = Math.min(...times)
      return least >= NEVER_AT ? Infinity : least
    },
    due: () => ({
      outbox: outboxDue.get(),
      leases: leaseEnds.get(),
      timers: timerDue.get(),
      pending: pending.get(),
      now: world.time.server.now(),
      rows: prepared(
        "SELECT id, lane, state, reason, dueAt, attempts FROM outbox WHERE state IN ('queued','held','unknown','sending') ORDER BY dueAt LIMIT 5",
      ).all(),
    }),
  }
}

function isQuiet(own: string | null, category: string | null, settings: Settings, now: number): boolean {
  const { quietHours } = settings
  if (!quietHours || !settings.quietCategories.includes(category as never)) return false
  const zone = quietHours.timezone === 'contact' ? (own ?? settings.timezone) : quietHours.timezone
  const wall = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(now)
  const { from, to } = quietHours
  return from < to ? wall >= from && wall < to : wall >= from || wall < to
}
