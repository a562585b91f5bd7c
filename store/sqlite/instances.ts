import assert from 'node:assert/strict'
import type { Instant } from '#engine/clock.ts'
import type { Change } from '#engine/decision.ts'
import type { Instance, InstanceStep } from '#engine/instance.ts'
import type { Entries } from './entries.ts'
import { toInstance, toRow, toStep, toStepRow, type InstanceRow, type StepRow } from './instanceRow.ts'
import type { InstanceSums } from './instanceSums.ts'
import type { Session } from './session.ts'

/** What a put must know of the row before it. */
type Before = Pick<InstanceRow, 'seq' | 'definition' | 'version' | 'position' | 'status' | 'addresses' | 'revision'>

export type Put = Extract<Change, { kind: 'putInstance' }>

/** Records on their way through blueprints and journeys, and their history. */
export type Instances = ReturnType<typeof createInstances>

export function createInstances({ db, tallies, onRollback }: Session, entries: Entries, sums: InstanceSums) {
  const before = db.prepare<[string], Before>(
    'SELECT seq, definition, version, position, status, addresses, revision FROM instance WHERE id = ?',
  )
  const insert = db.prepare<[Omit<InstanceRow, 'seq'>]>(
    `INSERT INTO instance (id, kind, definition, version, module, recordId, key, status, position, visit, reason, enteredAt,
       movedAt, endedAt, body, addresses, causedBy, revision)
     VALUES (@id, @kind, @definition, @version, @module, @recordId, @key, @status, @position, @visit, @reason, @enteredAt,
       @movedAt, @endedAt, @body, @addresses, @causedBy, @revision)`,
  )
  const set = `position = @position, visit = @visit, reason = @reason, movedAt = @movedAt, endedAt = @endedAt, body = @body,
       addresses = @addresses, causedBy = @causedBy, revision = @revision`
  // Most steps change no column that an index holds, and then none is to be written.
  const move = db.prepare<[Omit<InstanceRow, 'seq'>]>(`UPDATE instance SET ${set} WHERE id = @id`)
  const turn = db.prepare<[Omit<InstanceRow, 'seq'>]>(
    `UPDATE instance SET ${set}, version = @version, status = @status WHERE id = @id`,
  )
  const addStep = db.prepare<[StepRow]>(
    `INSERT INTO instanceStep (instanceSeq, at, kind, "from", "to", via, "by", tookMs, data)
     VALUES (@instanceSeq, @at, @kind, @from, @to, @via, @by, @tookMs, @data)`,
  )
  const stepsOf = db.prepare<[string], StepRow>(
    'SELECT * FROM instanceStep WHERE instanceSeq = (SELECT seq FROM instance WHERE id = ?) ORDER BY seq',
  )
  const addAddress = db.prepare<[string, number]>('INSERT INTO instanceAddress (address, instanceSeq) VALUES (?, ?)')
  const removeAddress = db.prepare<[string, number]>(
    'DELETE FROM instanceAddress WHERE address = ? AND instanceSeq = ?',
  )
  const get = db.prepare<[string], InstanceRow>('SELECT * FROM instance WHERE id = ?')
  const revision = db.prepare<[string], number>('SELECT revision FROM instance WHERE id = ?').pluck()
  // Without ORDER BY: beside a parameter it makes SQLite plan the statement anew for every value (36 us instead of 6).
  const ofRecord = db.prepare<[string, string], InstanceRow>(
    "SELECT * FROM instance INDEXED BY instanceRecord WHERE module = ? AND recordId = ? AND status = 'running'",
  )
  const everOf = db.prepare<[string, string], InstanceRow>(
    'SELECT * FROM instance INDEXED BY instanceRecord WHERE module = ? AND recordId = ?',
  )
  const drop = db.prepare<[number]>('DELETE FROM instance WHERE seq = ?')
  const dropSteps = db.prepare<[number]>('DELETE FROM instanceStep WHERE instanceSeq = ?')
  const atAddress = db
    .prepare<[string], string>(
      'SELECT id FROM instanceAddress JOIN instance ON seq = instanceSeq WHERE address = ? ORDER BY enteredAt, id',
    )
    .pluck()
  const page = db
    .prepare<[string, number, string, number], string>(
      `SELECT id FROM instance INDEXED BY instanceRunning
       WHERE definition = ? AND version = ? AND status = 'running' AND id > ? ORDER BY id LIMIT ?`,
    )
    .pluck()
  // Every record asks for its instances, and where there are only workflows there are never any. Null: not known.
  let running: number | null = null
  onRollback(() => (running = null))

  const countRunning = () => (running ??= tallies.get('instances/running'))

  function recount(by: 1 | -1): void {
    running = countRunning() + by
    tallies.add('instances/running', by)
  }

  function readdress(seq: number, had: string[], has: string[]): void {
    for (const address of had) if (!has.includes(address)) removeAddress.run(address, seq)
    for (const address of has) if (!had.includes(address)) addAddress.run(address, seq)
  }

  function write(row: Omit<InstanceRow, 'seq'>, old: Before | undefined): number {
    if (old === undefined) return Number(insert.run(row).lastInsertRowid)
    const onTheWay = row.status === old.status && row.version === old.version
    ;(onTheWay ? move : turn).run(row)
    return old.seq
  }

  return {
    /**
     * A walk through a journey puts its instance at every step; the row is written once, with the first, as the last one says.
     *
     * @param all the puts of the decision by instance, in order
     */
    put(change: Put, all: Map<string, Put[]>): void {
      const puts = all.get(change.instance.id) ?? [change]
      if (change !== puts[0]) return
      const { instance } = puts.at(-1) ?? change
      const steps = puts.flatMap((one) => one.steps)
      const row = toRow(instance)
      const old = before.get(instance.id)
      for (const [index, { instance: one }] of puts.entries()) {
        const expected = (old?.revision ?? 0) + 1 + index
        assert(
          one.revision === expected,
          `instance ${one.id} is put at revision ${one.revision} where ${expected} was to come`,
        )
      }
      const seq = write(row, old)
      for (const step of steps) {
        addStep.run(toStepRow(seq, step))
        sums.pass(instance.definition, step)
      }

      const ran = old?.status === 'running'
      const runs = instance.status === 'running'
      if (ran !== runs) recount(runs ? 1 : -1)
      const stays = ran && runs && old.version === instance.version && old.position === instance.position
      if (ran && !stays) sums.stand(old, -1)
      if (runs && !stays) sums.stand(instance, 1)
      if (old?.addresses !== row.addresses || ran !== runs) {
        const had = ran ? (JSON.parse(old.addresses) as string[]) : []
        readdress(seq, had, runs ? [...new Set(instance.addresses)] : [])
      }
      if (steps.some(({ kind }) => kind === 'entered') || (ran && !runs)) entries.put({ instance, steps })
    },
    /** Ids of all places of a record, left ones too. */
    allOf: (module: string, recordId: string): string[] => everOf.all(module, recordId).map(({ id }) => id),
    /** The record is forgotten: it leaves what it still is in, so that the sums stay true, and its history goes. */
    erase(module: string, recordId: string, at: Instant): void {
      for (const row of everOf.all(module, recordId)) {
        if (row.status === 'running') {
          const { definition, position: from, movedAt } = row
          recount(-1)
          sums.stand(row, -1)
          sums.pass(definition, {
            at,
            kind: 'ended',
            from,
            to: null,
            via: 'erased',
            by: '',
            tookMs: at - movedAt,
            data: null,
          })
          readdress(row.seq, JSON.parse(row.addresses) as string[], [])
        }
        dropSteps.run(row.seq)
        drop.run(row.seq)
      }
      entries.erase(module, recordId)
    },
    get(id: string): Instance | null {
      const row = get.get(id)
      return row === undefined ? null : toInstance(row)
    },
    revision: (id: string): number => revision.get(id) ?? 0,
    /** The running ones, oldest first. */
    runningOf: (module: string, recordId: string): Instance[] =>
      countRunning() === 0
        ? []
        : ofRecord
            .all(module, recordId)
            .sort((a, b) => a.seq - b.seq)
            .map(toInstance),
    /** Ids of running ones that wrote there, oldest first. */
    idsAt: (address: string): string[] => (countRunning() === 0 ? [] : atAddress.all(address)),
    /** Ids of running ones of a version, by id, after this one. */
    page: (definition: string, version: number, after: string, limit: number): string[] =>
      page.all(definition, version, after, limit),
    running: countRunning,
    /** Oldest first. */
    steps: (id: string): InstanceStep[] => stepsOf.all(id).map(toStep),
  }
}
