import { builtinModules } from '#definitions/modules.ts'
import type { Decision } from '#engine/decision.ts'
import { WhatsAppUnreachable } from '#actions/whatsapp/faults.ts'
import { AppError } from '#engine/errors.ts'
import { compileDefinitions, withTemplates, type DefinitionSet } from '#engine/definitionSet.ts'
import type { LoadRequest, SendFacts, WorkingSet } from '#engine/facts.ts'
import type { TemplateState } from '#engine/state.ts'
import { runBatch } from '#engine/run.ts'
import type { Candidate, ClaimRequest, Judgement } from '#engine/claim.ts'
import type { Store, StoredDefinition } from '#engine/store.ts'
import { silentObserver, type Observer } from '#server/observer.ts'
import { watchClaims } from './claims.ts'
import type { StoreWatch } from './life.ts'
import type { World } from './world.ts'

const NEVER_AT = 8_640_000_000_000_000
/** No question to WhatsApp takes longer. */
const CALL_MS = 60_000

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
  const isAccepted = prepared<number>('SELECT 1 FROM inbox WHERE id = ?').pluck()
  const pending = prepared<number>("SELECT 1 FROM inbox WHERE state = 'pending' LIMIT 1").pluck()
  const checkClaims = watchClaims(world)
  let seen: Seen | null = null

  // decide is deterministic

  const definitionsMark = prepared<string | null>(
    "SELECT group_concat(key || '@' || version || active) FROM (SELECT * FROM definitionVersion ORDER BY key, version)",
  ).pluck()
  type DefinitionRow = Omit<StoredDefinition, 'definition'> & { definition: string }
  const definitionsWhere = (version: string) =>
    prepared<DefinitionRow>(
      `SELECT * FROM definitionVersion AS one
       WHERE version ${version} (SELECT max(version) FROM definitionVersion WHERE key = one.key) ORDER BY key, version`,
    )
  const newestDefinitions = definitionsWhere('=')
  const olderDefinitions = definitionsWhere('<')
  // As far as they say which version of a template serves.
  const templatesMark = prepared<string | null>(
    'SELECT group_concat(name || language || status || definition || definitionVersion) FROM (SELECT * FROM templateState ORDER BY name, language)',
  ).pluck()
  type TemplateRow = Omit<TemplateState, 'nextCategory'> & { nextCategory: string | null }
  const templateRows = prepared<TemplateRow>('SELECT * FROM templateState')
  const templateStates = () =>
    templateRows.all().map((row): TemplateState => ({
      ...row,
      nextCategory: JSON.parse(row.nextCategory ?? 'null') as TemplateState['nextCategory'],
    }))
  let mark: string | null | undefined = null
  let markOfTemplates: string | null | undefined = null
  /** As they stand in the store, and as they stood before: the engine compiles new ones a moment after they are saved. */
  let sets: DefinitionSet[] = [compileDefinitions([], builtinModules)]
  function definitionSets(): DefinitionSet[] {
    const now = definitionsMark.get()
    if (now !== mark) {
      const read = (rows: DefinitionRow[]) =>
        rows.map((row) => ({
          ...row,
          active: Boolean(row.active),
          definition: JSON.parse(row.definition) as StoredDefinition['definition'],
        }))
      const older = read(olderDefinitions.all())
      sets = [compileDefinitions(read(newestDefinitions.all()), builtinModules, older, templateStates()), ...sets]
      mark = now
    }
    const templatesNow = templatesMark.get()
    if (templatesNow !== markOfTemplates) {
      sets = [withTemplates(sets[0]!, templateStates()), ...sets]
      markOfTemplates = templatesNow
    }
    sets = sets.slice(0, 4)
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
        // Somebody may look at a record meanwhile: that is asked as a trigger that is in no inbox.
        if (request.triggers.some(({ id }) => isAccepted.get(id) === undefined)) return
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
        // Nobody answers now and then, and the duties come round again.
        if (loop === 'upkeep' && world.time.now < world.calmSince + CALL_MS && isOutage(error)) return
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

/** Whoever is asked does not answer, or not now. */
function isOutage(error: unknown): boolean {
  return error instanceof AggregateError
    ? error.errors.every(isOutage)
    : error instanceof AppError && (error.retryable || error instanceof WhatsAppUnreachable)
}
