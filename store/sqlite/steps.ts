import type { Instant } from '#engine/clock.ts'
import type { GuardTrace, MessageState } from '#engine/message.ts'
import type { MessageStep } from '#engine/reads.ts'
import type { OutboxRow } from './outboxRow.ts'
import type { Session } from './session.ts'

type StepRow = Omit<MessageStep, 'guards'> & { guards: string | null }

/**
 * The guards as they stood when plain steps were last defined. They are written out here so that a step keeps telling what was
 * asked at its time: once the engine asks others, steps are written as rows until this list follows.
 */
export const PLAIN_GUARDS = [
  'integration',
  'recipient',
  'consent',
  'template',
  'parameters',
  'window',
  'market',
  'timing',
  'reach',
  'credits',
] as const

/** What a message does that nothing happens to, in this order. */
const PLAIN: readonly { state: MessageState; at: 'createdAt' | 'claimedAt' | 'acceptedAt' }[] = [
  { state: 'queued', at: 'createdAt' },
  { state: 'sending', at: 'claimedAt' },
  { state: 'accepted', at: 'acceptedAt' },
]

/**
 * The steps of messages. Most take the same three, and their rows would be half of all that is written. So the first ones of a
 * message are told by its columns, `plainSteps` of them, as long as nothing out of the ordinary happens; then they become
 * rows as well. Rows follow the plain steps.
 */
export type Steps = ReturnType<typeof createSteps>

export function createSteps({ db }: Session) {
  const insert = db.prepare<[string, Instant, MessageState, string | null, string | null, string | null]>(
    'INSERT INTO messageStep (messageId, at, state, reason, detail, guards) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const rowsOf = db.prepare<[string], StepRow>(
    'SELECT at, state, reason, detail, guards FROM messageStep WHERE messageId = ? ORDER BY seq',
  )

  function write(id: string, { at, state, reason, detail, guards }: MessageStep): void {
    insert.run(id, at, state, reason, detail, guards === null ? null : JSON.stringify(guards))
  }

  return {
    /** @returns how many steps of a new row are plain: its first one, or none */
    plainAtFirst: (row: OutboxRow, guards: GuardTrace[] | null): number =>
      isPlain(row, 0, row.createdAt, guards) ? 1 : 0,
    /** Writes the first step of a new row unless it is plain. */
    first(row: OutboxRow, guards: GuardTrace[] | null): void {
      if (row.plainSteps > 0) return
      write(row.id, { at: row.createdAt, state: row.state, reason: row.reason, detail: row.detail, guards })
    },
    /** @returns how many of its steps are plain now */
    add(before: OutboxRow, row: OutboxRow, at: Instant, guards: GuardTrace[] | null): number {
      const plain = before.plainSteps
      const mayBePlain = plain > 0 && plain < PLAIN.length
      if (mayBePlain && isPlain(row, plain, at, guards)) return plain + 1
      // What goes out again writes other times into the columns.
      const becomeRows = mayBePlain || (plain > 0 && row.state === 'queued')
      if (becomeRows) for (const step of plainStepsOf(before)) write(row.id, step)
      write(row.id, { at, state: row.state, reason: row.reason, detail: row.detail, guards })
      return becomeRows ? 0 : plain
    },
    /** Oldest first. */
    of: (row: OutboxRow): MessageStep[] => [
      ...plainStepsOf(row),
      ...rowsOf
        .all(row.id)
        .map((step) => ({ ...step, guards: step.guards === null ? null : (JSON.parse(step.guards) as GuardTrace[]) })),
    ],
  }
}

function plainStepsOf(row: OutboxRow): MessageStep[] {
  return PLAIN.slice(0, row.plainSteps).map(({ state, at }, index) => ({
    at: row[at] ?? row.createdAt,
    state,
    reason: null,
    detail: null,
    guards: plainGuards(row, index),
  }))
}

/** The third step asks no guards. Work has none: nothing is listed when it is put in, and an empty list when it is claimed. */
function plainGuards({ kind }: OutboxRow, index: number): GuardTrace[] | null {
  if (index === 2) return null
  if (kind === 'work') return index === 0 ? null : []
  return PLAIN_GUARDS.map((guard) => ({ guard, verdict: { kind: 'allow' } }))
}

function isPlain(row: OutboxRow, index: number, at: Instant, guards: GuardTrace[] | null): boolean {
  const wanted = PLAIN[index]
  return (
    wanted?.state === row.state &&
    row.reason === null &&
    row.detail === null &&
    row[wanted.at] === at &&
    hasPlainGuards(row, index, guards)
  )
}

function hasPlainGuards({ kind }: OutboxRow, index: number, guards: GuardTrace[] | null): boolean {
  if (index === 2 || (kind === 'work' && index === 0)) return guards === null
  const names: readonly string[] = kind === 'work' ? [] : PLAIN_GUARDS
  return (
    guards?.length === names.length &&
    guards.every(({ guard, verdict }, place) => guard === names[place] && verdict.kind === 'allow')
  )
}
