import { erasePerson } from '#server/people/erasePerson.ts'
import type { RecordEvent } from '#engine/trigger.ts'
import { pick, type Person } from './people.ts'
import type { World } from './world.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Somebody who came, and wanted to be forgotten. */
export interface Visitor extends Person {
  /** The erasure, as it was accepted; null while it is not. */
  erasedBy: string | null
  /** When everything that was ever to be said about them had been said. */
  erasedAt: number | null
  /** Said that nothing more is to come before they were erased. */
  optedOut: boolean
  /** The CRM told of them once more, after they were erased: whatever is known of them is known from there. */
  cameBackAt: number | null
}

/** People whose name and number nobody else has, so that both can be looked for once they are erased. */
export function beginVisits(world: World): void {
  const random = world.fate
  let count = 0
  let tries = 0

  function visit(): void {
    if (world.calm) return
    come(count++)
    world.time.after(-Math.log(1 - random.next()) * (DAY_MS / world.chaos.visitorsPerDay), visit)
  }
  world.time.after(random.next() * DAY_MS, visit)

  function come(index: number): void {
    const visitor: Visitor = {
      name: `客人${index}号様`,
      mobile: `+8170${String(40_000_000 + ((world.seed * 7919 + index * 104_729) % 50_000_000))}`,
      zone: null,
      language: 'ja',
      consent: true,
      erasedBy: null,
      erasedAt: null,
      optedOut: false,
      cameBackAt: null,
    }
    world.visitors.push(visitor)
    const recordId = `V${index}`
    world.post(event(`visit-${index}`, 'created', recordId, visitor))
    const wordsMs = 5 * MINUTE_MS + random.next() * 6 * HOUR_MS
    if (random.chance(0.6)) world.time.after(wordsMs, () => world.write(visitor, '資料をください'))
    const optsOut = random.chance(0.5)
    if (optsOut) world.time.after(wordsMs + 3 * MINUTE_MS, () => world.write(visitor, '停止'))
    if (random.chance(0.5))
      world.time.after(random.next() * 8 * HOUR_MS, () =>
        world.post({
          ...event(`visit-${index}-again`, 'updated', recordId, visitor),
          values: { Industry: pick(random, ['小売', 'sure', 'slow']) },
        }),
      )
    const comesBack = random.chance(0.4)
    world.time.after(9 * HOUR_MS + random.next() * DAY_MS, () => erase(visitor, index, optsOut, comesBack))
  }

  function erase(visitor: Visitor, index: number, optsOut: boolean, comesBack: boolean): void {
    world.insist(async (denrei) => {
      // Only what was heard before it counts: a webhook may be on its way.
      visitor.optedOut = optsOut && world.isHeard(visitor, '停止')
      const { triggerId } = await erasePerson(
        denrei,
        { who: { phone: visitor.mobile, waId: visitor.mobile.slice(1) } },
        { name: '管理者' },
        () => `visitor-${index}-${tries++}`,
      )
      visitor.erasedBy = triggerId
      visitor.erasedAt = world.time.now
      if (comesBack)
        world.time.after(HOUR_MS + random.next() * 10 * HOUR_MS, () => {
          visitor.cameBackAt = world.time.now
          world.post(event(`visit-${index}-back`, 'created', `W${index}`, visitor))
        })
    })
  }

  function event(sourceId: string, op: RecordEvent['op'], recordId: string, person: Person): RecordEvent {
    return {
      kind: 'record',
      source: 'crm',
      sourceId,
      occurredAt: Math.round(world.time.now),
      op,
      module: 'Leads',
      recordId,
      values: {
        Last_Name: person.name,
        Mobile: person.mobile,
        Lead_Status: 'New',
        Lead_Source: 'Web',
        Country: '日本',
        Language: 'ja',
        WhatsApp_Opt_In: true,
      },
      mode: 'merge',
    }
  }
}
