import { Temporal } from 'temporal-polyfill'
import { expect, onTestFinished } from 'vitest'
import type { Values } from '#definitions/json.ts'
import type { Settings } from '#definitions/settings.ts'
import { openStage, type Stage, type Taking } from '#cli/demo/stage.ts'
import { compare, readOutcome } from '#cli/demo/outcome.ts'
import { LIBRARY } from '#cli/places.ts'
import { readFolder } from '#cli/readFolder.ts'
import { ServerRefused } from '#cli/remote.ts'
import type { SentMessage } from '#emulator/messages.ts'
import type { Instance } from '#engine/instance.ts'
import type { Actor } from '#engine/command.ts'

export const TOKYO = 'Asia/Tokyo'
export const LONDON = 'Europe/London'

/** One who speaks Japanese in Tokyo, and one who speaks English in London, as the modules of people have them. */
export const YAMADA = { Mobile: '+819012345678', Language: 'ja', Time_Zone: TOKYO, WhatsApp_Opt_In: true }
export const SMITH = { Mobile: '+447400123456', Language: 'en', Time_Zone: LONDON, WhatsApp_Opt_In: true }

/** The shipped library as it is. */
export const files = await readFolder(LIBRARY)

/** An instant by what a clock in a zone shows: `2026-11-24 10:00`. */
export function at(wall: string, zone = TOKYO): number {
  return Temporal.PlainDateTime.from(wall.replace(' ', 'T')).toZonedDateTime(zone).epochMilliseconds
}

/** What a clock in a zone shows. */
export function clock(instant: number, zone = TOKYO): string {
  const wall = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone)
  return wall.toPlainDateTime().toString({ smallestUnit: 'minute' }).replace('T', ' ')
}

/** The shipped library on a stage, from a moment in Tokyo on, with words for what became of it. */
export async function walk(start: string, more: { settings?: Partial<Settings>; creditsMicros?: number } = {}) {
  const stage = await openStage({ files, startAt: at(start), creditsMicros: 10_000_000, ...more })
  onTestFinished(async () => {
    try {
      await agree(stage)
    } finally {
      await stage.close()
    }
  })
  return { ...stage, ...readings(stage) }
}
export type Walk = Awaited<ReturnType<typeof walk>>

function readings(stage: Stage) {
  const { store } = stage.server.denrei

  async function latest(definition: string, recordId: string): Promise<Instance | undefined> {
    return (await store.instances({ definition, recordId }, { limit: 1 })).items[0]
  }
  return {
    /** To a moment on the clocks of a zone. */
    to: (wall: string, zone = TOKYO) => stage.until(at(wall, zone)),
    /** What WhatsApp accepted for a person: when on their clocks, what, in which language. */
    got: ({ Mobile, Time_Zone }: { Mobile: string; Time_Zone: string }) =>
      stage.received(Mobile).map((one) => `${clock(one.acceptedAt, Time_Zone)} ${nameOf(one)}`),
    /** The words of the latest message to a person. */
    words: ({ Mobile }: { Mobile: string }) => stage.received(Mobile).at(-1)?.text,
    /** Tasks about a record: subject, due date, priority and owner, oldest first. */
    async tasks(recordId: string): Promise<string[]> {
      const { items } = await store.records('Tasks', { limit: 200 })
      return items
        .filter(({ values, deleted }) => values.What_Id === recordId && !deleted)
        .sort((a, b) => a.createdAt - b.createdAt)
        .map(({ values: { Subject, Due_Date, Priority, Owner } }) =>
          [Subject, Due_Date, Priority, Owner].filter((one) => typeof one === 'string').join(' | '),
        )
    },
    /** What automations told people; notices of our own left out. */
    async notified(): Promise<string[]> {
      const { items } = await store.notifications({ limit: 500 })
      const told = items.filter(({ notice }) => notice === null)
      return told.reverse().map(({ to, message, at: when }) => `${clock(when)} ${to.role ?? to.user}: ${message}`)
    },
    async values(module: string, recordId: string): Promise<Values> {
      return (await store.record(module, recordId))?.values ?? {}
    },
    /** Where the latest instance of a record stands, or why it ended and when. */
    async place(definition: string, recordId: string): Promise<string | null> {
      const one = await latest(definition, recordId)
      if (one === undefined) return null
      return one.endedAt === null ? one.position : `${one.reason} ${clock(one.endedAt)}`
    },
    /** The ways the latest instance of a record went. */
    async path(definition: string, recordId: string): Promise<string> {
      const one = await latest(definition, recordId)
      const steps = one === undefined ? [] : await store.instanceSteps(one.id)
      return steps.map(({ via, to }) => `${via}>${to ?? ''}`).join(' ')
    },
    /** Messages that WhatsApp never got, and why. */
    async kept(): Promise<string[]> {
      const { items } = await store.messages({}, { limit: 200 })
      return items
        .reverse()
        .flatMap(({ intent, state, reason }) =>
          intent.kind === 'sendTemplate' && (state === 'blocked' || state === 'held')
            ? [`${intent.template?.name ?? 'text'} ${state} ${reason}`]
            : [],
        )
    },
    /** Takes a transition. @returns 'done', or the refusal's code and words */
    async tries(module: string, recordId: string, taking: Taking, as: Actor): Promise<string> {
      try {
        await stage.take(module, recordId, taking, as)
        return 'done'
      } catch (error) {
        if (!(error instanceof ServerRefused)) throw error
        return `${error.code}: ${error.message}`
      }
    },
  }
}

/** Holds at the end of every story: what we believe is what WhatsApp saw, nothing was sent twice, the credits add up. */
async function agree({ server, emulator }: Stage): Promise<void> {
  const { store } = server.denrei
  expect(await store.depths(emulator.now())).toMatchObject({ inboxPending: 0, inboxQuarantined: 0 })
  const { outcome, all } = await readOutcome(store)
  expect(compare(all, outcome, emulator)).toEqual([])
  expect(outcome.credits.available).toBeGreaterThanOrEqual(0)
}

const nameOf = ({ template }: SentMessage) => (template === null ? 'text' : `${template.name}/${template.language}`)
