import type { SourceFile } from '#definitions/problem.ts'
import type { Language } from '../texts.ts'
import { compare, readOutcome, type Outcome } from './outcome.ts'
import { openStage } from './stage.ts'
import { ENDS_AT, play, STARTS_AT } from './story.ts'
import { happenings, noticesOf, type Happening } from './timeline.ts'

/** What three months came to. Money in micro-credits. */
export interface Months {
  days: number
  messages: { accepted: number; ja: number; en: number; freeText: number }
  /** From customers. */
  replies: number
  /** How instances ended, by definition and reason; `running` are still in it. */
  processes: Record<string, Record<string, number>>
  transitions: { byPeople: number; byThemselves: number; refused: number }
  tasks: number
  notices: number
  credits: Outcome['credits']
}

const DAY_MS = 86_400_000

/** Three months in seconds: the same server over HTTP, with a clock that is moved by hand. */
export async function playMonths(
  files: SourceFile[],
  language: Language,
): Promise<{ months: Months; timeline: Happening[]; wrong: string[] }> {
  const stage = await openStage({ files, startAt: STARTS_AT, creditsMicros: 10_000_000, language })
  try {
    const deeds = await play(stage)
    const { emulator, server } = stage
    const { store } = server.denrei
    const { outcome, all } = await readOutcome(store)
    const wrong = compare(all, outcome, emulator)
    const accepted = emulator.messages()
    const { inbound } = emulator.counts()
    const heard = (await store.totals()).accepted.message ?? 0
    if (inbound !== heard) wrong.push(`${inbound} messages of customers at the emulator, ${heard} here`)
    const people = deeds.filter(({ kind }) => kind !== 'refused').length
    if (inbound !== people) wrong.push(`${people} customers wrote, the emulator counted ${inbound}`)

    const processes: Months['processes'] = {}
    const transitions = { byPeople: 0, byThemselves: 0, refused: deeds.length - people }
    for (const instance of (await store.instances({}, { limit: 100 })).items) {
      const counts = (processes[instance.definition] ??= {})
      const end = instance.reason ?? 'running'
      counts[end] = (counts[end] ?? 0) + 1
      if (instance.kind !== 'blueprint') continue
      for (const { kind, by } of await store.instanceSteps(instance.id)) {
        if (kind === 'moved') transitions[by.startsWith(instance.definition) ? 'byThemselves' : 'byPeople']++
      }
    }
    const inLanguage = (code: string) => accepted.filter(({ template }) => template?.language === code).length
    const months = {
      days: (ENDS_AT - STARTS_AT) / DAY_MS,
      messages: {
        accepted: accepted.length,
        ja: inLanguage('ja'),
        en: inLanguage('en'),
        freeText: accepted.filter(({ template }) => template === null).length,
      },
      replies: inbound,
      processes,
      transitions,
      tasks: (await store.records('Tasks', { limit: 200 })).items.length,
      notices: (await noticesOf(store)).length,
      credits: outcome.credits,
    }
    return { months, timeline: await happenings(store, accepted, deeds, language), wrong }
  } finally {
    await stage.close()
  }
}
