import type { Instant } from '#engine/clock.ts'
import type { Category } from '#engine/message.ts'
import type { OutboxRow } from './outboxRow.ts'
import type { Session } from './session.ts'

/** Queues of marketing have numbers above this, so that they come last in a lane's index. */
export const MARKETING = 1_000_000_000
const END = Number.MAX_SAFE_INTEGER

type Head = Pick<OutboxRow, 'id' | 'revision'>

/**
 * The queues of a lane: what must arrive (authentication, utility, free text, work) before marketing, and in each class one for each
 * definition, so that whoever has much to send keeps nobody else waiting. A queue is a number: its class and its definition.
 */
export type Queues = ReturnType<typeof createQueues>

export function createQueues({ db, onRollback }: Session) {
  const seqOf = db.prepare<[string], number>('SELECT seq FROM queue WHERE definition = ?').pluck()
  const add = db.prepare<[string]>('INSERT INTO queue (definition) VALUES (?)')
  const waiting = "state IN ('queued', 'held')"
  // The head of the next queue tells when the first of it is due: one look into the index for each. No ORDER BY here and below: beside
  // a parameter it makes SQLite plan the statement anew for every value, as does LIMIT (12 us instead of 2). The index gives the order.
  const next = db.prepare<[string, number], { queue: number; dueAt: Instant }>(
    `SELECT queue, dueAt FROM outbox INDEXED BY outboxDue WHERE ${waiting} AND lane = ? AND queue > ? LIMIT 1`,
  )
  const nextLane = db
    .prepare<[string], string | null>(`SELECT min(lane) FROM outbox INDEXED BY outboxDue WHERE ${waiting} AND lane > ?`)
    .pluck()
  const due = db.prepare<[string, number, Instant, number, number], Head>(
    `SELECT id, revision FROM outbox INDEXED BY outboxDue
     WHERE ${waiting} AND lane = ? AND queue = ? AND dueAt <= ? LIMIT ?+0 OFFSET ?+0`,
  )
  const reclass = db.prepare<{ name: string; language: string; by: number; from: number; until: number }>(
    `UPDATE outbox SET queue = queue + @by, revision = revision + 1
     WHERE ${waiting} AND queue > @from AND queue < @until AND template = @name AND language = @language`,
  )
  const known = new Map<string, number>()
  onRollback(() => known.clear())
  /** The queue that each lane served last, by class: the next claim goes on behind it. */
  const served = new Map<string, number>()

  function numberOf(definition: string): number {
    const name = definition.replace(/@.*$/, '')
    const seq = known.get(name) ?? seqOf.get(name) ?? Number(add.run(name).lastInsertRowid)
    known.set(name, seq)
    return seq
  }

  /** The heads of a lane's queues from behind this one. */
  function* heads(lane: string, after: number, until = END): Generator<{ queue: number; dueAt: Instant }> {
    for (let at = after; ;) {
      const head = next.get(lane, at)
      if (head === undefined || head.queue >= until) return
      yield head
      at = head.queue
    }
  }

  /** Due rows of one class, in turn of its queues and each by its time. */
  function ofClass(lane: string, [after, until]: [number, number], now: Instant, limit: number): Head[] {
    const turn = `${lane} ${after}`
    const due = [...heads(lane, after, until)].filter(({ dueAt }) => dueAt <= now).map(({ queue }) => queue)
    const last = served.get(turn) ?? after
    const taken = share(lane, [...due.filter((one) => one > last), ...due.filter((one) => one <= last)], now, limit)
    const ordered = inTurn(taken).slice(0, limit)
    const behind = ordered.at(-1)
    if (behind !== undefined) served.set(turn, behind.queue)
    return ordered.map(({ head }) => head)
  }

  /** As many rows of each queue as its share is, and what some have not is shared among the others. */
  function share(lane: string, queues: number[], now: Instant, limit: number): Map<number, Head[]> {
    const taken = new Map<number, Head[]>(queues.map((queue) => [queue, []]))
    let hungry = queues
    let left = limit
    while (left > 0 && hungry.length > 0) {
      const each = Math.ceil(left / hungry.length)
      const more: number[] = []
      for (const queue of hungry.slice(0, left)) {
        const rows = taken.get(queue) ?? []
        const found = due.all(lane, queue, now, each, rows.length)
        rows.push(...found)
        left -= found.length
        if (found.length === each) more.push(queue)
      }
      hungry = more
    }
    return taken
  }

  return {
    /** Of a row that begins. @param category null for work */
    of: (definition: string, category: Category | null): number =>
      numberOf(definition) + (category === 'MARKETING' ? MARKETING : 0),
    /** Rows due in a lane, in the order in which they are to go. Marketing gets the places that the others leave. */
    due(lane: string, now: Instant, limit: number, marketingMax = limit): Head[] {
      const first = ofClass(lane, [-1, MARKETING], now, limit)
      const rest = Math.min(limit - first.length, marketingMax)
      return rest > 0 ? [...first, ...ofClass(lane, [MARKETING, END], now, rest)] : first
    },
    /** Messages of this template that wait change their class, because it has become marketing, or is it no more. */
    reclass(template: { name: string; language: string }, isMarketing: boolean): void {
      const [from, until] = isMarketing ? [-1, MARKETING] : [MARKETING, END]
      reclass.run({ ...template, by: isMarketing ? MARKETING : -MARKETING, from, until })
    },
    /** Lanes where something waits, and when the first of it is due. @param enough stops looking through a lane at one that early */
    lanes(enough: Instant): { lane: string; dueAt: Instant }[] {
      const found: { lane: string; dueAt: Instant }[] = []
      let lane = heads('', -1).next().value === undefined ? (nextLane.get('') ?? null) : ''
      while (lane !== null) {
        let earliest = Infinity
        for (const { dueAt } of heads(lane, -1)) {
          earliest = Math.min(earliest, dueAt)
          if (earliest <= enough) break
        }
        found.push({ lane, dueAt: earliest })
        lane = nextLane.get(lane) ?? null
      }
      return found
    },
  }
}

/** The first of each queue, then the second of each, and so on. */
function inTurn(taken: Map<number, Head[]>): { queue: number; head: Head }[] {
  const longest = Math.max(0, ...[...taken.values()].map(({ length }) => length))
  const ordered: { queue: number; head: Head }[] = []
  for (let place = 0; place < longest; place++) {
    for (const [queue, heads] of taken) {
      const head = heads[place]
      if (head !== undefined) ordered.push({ queue, head })
    }
  }
  return ordered
}
