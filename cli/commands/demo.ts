import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { SourceFile } from '#definitions/problem.ts'
import type { Emulator } from '#emulator/emulator.ts'
import type { StartedServer } from '#server/main.ts'
import { EXIT, type Context } from '../context.ts'
import { playAccount, type AccountDay } from '../demo/account.ts'
import { feed, readEvents } from '../demo/feed.ts'
import { openHouse, type House } from '../demo/house.ts'
import { playMonths, type Months } from '../demo/months.ts'
import { compare, readOutcome } from '../demo/outcome.ts'
import { messageTable, summaryLines } from '../demo/table.ts'
import { timelineLines } from '../demo/timeline.ts'
import { moveDeal, type DealMoved } from '../demo/transitions.ts'
import { LIBRARY } from '../places.ts'
import { readFolder } from '../readFolder.ts'
import { callServer } from '../remote.ts'
import { say, type Language } from '../texts.ts'
import { untilStopped } from './start.ts'

const DEADLINE_MS = 60_000

/**
 * `denrei demo`: the main job from end to end, with the real server, the real store and an emulated WhatsApp, over real HTTP on
 * loopback; then three months of blueprints and journeys, and a day of the account, with a clock that is moved by hand. Exit 1 when
 * what the stores say and what the emulators counted do not agree.
 */
export async function demo({ output }: Context, options: { keep?: boolean }): Promise<number> {
  const began = performance.now()
  const { language } = output
  const folder = await mkdtemp(join(tmpdir(), 'denrei-demo-'))
  let house: House | undefined
  try {
    house = await openHouse(join(folder, 'denrei.db'), {
      seed: 20261122,
      statusDelaysMs: { sent: 20, delivered: 60, read: 120 },
      reviewDelayMs: 200,
      readRate: 0.6,
      delivery: { duplicateRate: 0.05, reorderRate: 0.1, reorderMs: 40, beforeAnswerRate: 0.05 },
    })
    const { server, emulator, stripe, target } = house
    output.line(say(language, 'demoStarted', server.url, emulator.url, stripe.url))
    const files = await output.progress(say(language, 'reading', 'definitions/library'), () => readFolder(LIBRARY))
    const deal = await play(house, files, output)
    const { outcome, all } = await readOutcome(server.denrei.store)
    const {
      months,
      timeline,
      wrong: later,
    } = await output.progress(say(language, 'demoMonths'), () => playMonths(files, language))
    const day = await output.progress(say(language, 'demoAccount'), () => playAccount(files, language))
    const wrong = [...compare(all, outcome, emulator), ...deal.wrong, ...later, ...day.wrong]
    const seconds = Math.round((performance.now() - began) / 100) / 10
    const { user, system } = process.cpuUsage()
    const processorSeconds = Math.round((user + system) / 1e5) / 10
    const { account } = day
    const result = { ...outcome, deal, months, timeline, account, accountTimeline: day.timeline }
    output.result({ ...result, seconds, processorSeconds, disagreements: wrong }, () => {
      output.line(messageTable(all, language))
      for (const line of summaryLines(outcome, language)) output.line(line)
      for (const line of deal.lines) output.line(line)
      output.line(`\n${say(language, 'demoMonthsTitle')}`)
      for (const line of timelineLines(timeline, language)) output.line(line)
      output.line(monthsLine(months, language))
      output.line(`\n${say(language, 'demoAccountTitle')}`)
      for (const line of timelineLines(day.timeline, language)) output.line(line)
      output.line(accountLine(account, language))
      for (const line of wrong) output.line(`! ${line}`)
      output.line(say(language, wrong.length === 0 ? 'demoAgrees' : 'demoDisagrees', seconds))
    })
    if (options.keep === true) {
      output.line(say(language, 'demoKept', server.url, emulator.url, target.key))
      await untilStopped()
    }
    return wrong.length === 0 ? EXIT.ok : EXIT.no
  } finally {
    await house?.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function monthsLine(
  { days, messages, replies, transitions, tasks, notices, credits }: Months,
  language: Language,
): string {
  const { accepted, ja, en, freeText } = messages
  const { byPeople, byThemselves, refused } = transitions
  const spent = (credits.spent / 1e6).toFixed(4)
  const counts = [days, accepted, ja, en, freeText, replies, byPeople, byThemselves, refused, tasks, notices, spent]
  return say(language, 'demoMonthsCounts', ...counts)
}

function accountLine({ messages, purchases, chargedMinor, credits }: AccountDay, language: Language): string {
  const money = [
    (chargedMinor / 100).toFixed(2),
    (credits.spent / 1e6).toFixed(4),
    (credits.available / 1e6).toFixed(4),
  ]
  const { byHand, automatic } = purchases
  return say(language, 'demoAccountCounts', messages.accepted, messages.heldWhilePaused, byHand, automatic, ...money)
}

/** The story, in the order in which a company would live it. */
async function play(house: House, files: SourceFile[], output: Context['output']): Promise<DealMoved> {
  const { server, emulator, target } = house
  const startedAt = Date.now()
  const call = <T>(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown) =>
    callServer<T>(target, method, path, body)
  const events = await readEvents()
  const { language } = output

  await call('POST', '/v1/account/sync', {})
  await output.progress(say(language, 'demoApply', files.length), async () => {
    await call('POST', '/v1/definitions/apply', { files })
    await until(
      'the templates are reviewed',
      () =>
        emulator
          .templates()
          .filter(({ status }) => status === 'PENDING')
          .every(({ name }) => name.includes('slow')) && emulator.templates().length > 0,
    )
    await settle(server, emulator)
  })
  await output.progress(say(language, 'demoFirst'), async () => {
    await call('POST', '/v1/credits/purchases', { amountMicros: 3_000_000, memo: '初回購入 / first purchase' })
    await feed(
      events.filter(({ phase }) => phase === 1),
      target,
      startedAt,
    )
    await settle(server, emulator)
  })
  await output.progress(say(language, 'demoAnswers'), async () => {
    await call('POST', '/v1/credits/purchases', { amountMicros: 20_000_000, memo: '追加購入 / second purchase' })
    await settle(server, emulator)
    const welcomed = emulator
      .messages()
      .filter(({ template, waId }) => template?.name === 'welcome_lead' && waId !== null)
    for (const [index, text] of [
      [0, '停止'],
      [2, 'STOP'],
      [4, '配信停止'],
      [6, '電話でお願いします'],
    ] as const) {
      await emulator.inbound({ from: `+${welcomed[index]?.waId ?? ''}`, text })
    }
    await settle(server, emulator)
  })
  await output.progress(say(language, 'demoSecond'), async () => {
    await feed(
      events.filter(({ phase }) => phase === 2),
      target,
      startedAt,
    )
    await settle(server, emulator)
  })
  await output.progress(say(language, 'demoApprove'), async () => {
    for (const { name, language: one } of emulator.templates().filter(({ status }) => status === 'PENDING'))
      await emulator.decide('approve', name, one)
    await settle(server, emulator)
  })
  return output.progress(say(language, 'demoPeople'), () => moveDeal(house, language, () => settle(server, emulator)))
}

/** Until nothing is due here and nothing is on its way there. */
async function settle({ denrei }: StartedServer, emulator: Emulator): Promise<void> {
  await until('everything has come to rest', async () => {
    await denrei.drain()
    await emulator.settled()
    const { inboxPending, outbox } = await denrei.store.depths(denrei.clock.now())
    return inboxPending === 0 && (outbox.queued ?? 0) === 0 && (outbox.sending ?? 0) === 0 && emulator.nextAt() === null
  })
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`The demo waited ${DEADLINE_MS / 1000} s in vain until ${what}.`)
    await wait(20)
  }
}
