import { expect, test } from 'vitest'
import { settings as settingsSchema } from '#definitions/settings.ts'
import type { SendIntent } from '#engine/message.ts'
import type { Candidate, Judgement } from '#engine/store.ts'
import type { WaitsFor } from '#engine/trigger.ts'
import { NOW } from '#test/engine/builders.ts'
import { apply, buy, claimAll, enqueue, MINUTE_MS, sending, sendIntent, settleOne } from '../builders.ts'
import { eachWith, type Open } from '../world.ts'

/** As the guards do: not yet, and what it would cost. */
const heldFor =
  (waitsFor: WaitsFor, priceMicros = 0) =>
  (candidates: Candidate[]): Judgement[] =>
    candidates.map(({ message }) => ({
      id: message.intent.id,
      kind: 'stop',
      verdict: { kind: 'hold', reason: 'credits_insufficient', waitsFor },
      guards: [],
      priceMicros,
    }))

export function wakeCases(open: Open): void {
  const world = eachWith(open)
  const stateOf = async ({ id }: SendIntent) => (await world.store.message(id))?.state

  async function held(waitsFor: WaitsFor, priceMicros = 0): Promise<SendIntent> {
    const intent = sendIntent()
    await apply(world.store, [enqueue(intent)])
    await claimAll(world.store, {}, heldFor(waitsFor, priceMicros))
    expect(await stateOf(intent)).toBe('held')
    return intent
  }

  test('credits that come back wake the oldest messages they cover; one that is too dear keeps no other back', async () => {
    await buy(world.store, 10)
    const sent = await sending(world.store, sendIntent(), 10)
    const [first, dear, second, third] = [
      await held('credits_added', 6),
      await held('credits_added', 11),
      await held('credits_added', 4),
      await held('credits_added', 1),
    ]
    expect(await world.store.wakeHeld(NOW)).toBe(0)
    await settleOne(world.store, sent, { kind: 'failed', reason: '131026', detail: '届きません' })
    expect(await world.store.wakeHeld(NOW)).toBe(2)
    expect(await Promise.all([first, dear, second, third].map(stateOf))).toEqual(['queued', 'held', 'queued', 'held'])
    expect((await world.store.messageSteps(first.id)).map(({ state }) => state)).toEqual(['queued', 'held', 'queued'])

    // The first is blocked after all, and nothing comes back of what it never took.
    await claimAll(world.store, {}, (candidates) =>
      candidates.map(({ message: { intent } }) => ({
        id: intent.id,
        kind: 'stop',
        verdict: { kind: 'block', reason: 'opted_out' },
        guards: [],
      })),
    )
    expect(await world.store.wakeHeld(NOW)).toBe(1)
    expect(await stateOf(third)).toBe('queued')
  })

  test('without credits coming back nothing is woken again and again', async () => {
    await buy(world.store, 10)
    await world.store.wakeHeld(NOW)
    await held('credits_added', 5)
    expect(await world.store.wakeHeld(NOW)).toBe(0)
    expect(await world.store.wakeHeld(NOW + MINUTE_MS)).toBe(0)
  })

  test.each(['quiet_hours', 'frequency_capped'] as const)(
    'what %s hold is asked again when settings are saved',
    async (reason) => {
      const intent = sendIntent()
      await apply(world.store, [enqueue(intent)])
      const until = NOW + 60 * MINUTE_MS
      const tilLater = (candidates: Candidate[]): Judgement[] =>
        candidates.map(({ message }) => ({
          id: message.intent.id,
          kind: 'stop',
          verdict: { kind: 'hold', reason, until },
          guards: [],
        }))
      await claimAll(world.store, {}, tilLater)
      expect(await world.store.dueLanes(NOW)).toEqual([])
      await world.store.saveSettings(settingsSchema.parse({}), NOW + MINUTE_MS)
      expect(await world.store.dueLanes(NOW + MINUTE_MS)).toEqual([intent.numberId])
      // The guards say the same again: it waits on, without a step that tells nothing.
      await claimAll(world.store, { now: NOW + MINUTE_MS }, tilLater)
      expect(await world.store.message(intent.id)).toMatchObject({ state: 'held', dueAt: until })
      expect(await world.store.messageSteps(intent.id)).toHaveLength(2)
    },
  )

  test('a release that died with its process is made up for within ten minutes', async () => {
    const intent = await held('integration_active')
    await world.store.wakeHeld(NOW)
    expect(await stateOf(intent)).toBe('held')
    expect(await world.store.wakeHeld(NOW + 10 * MINUTE_MS)).toBe(1)
    expect(await stateOf(intent)).toBe('queued')
  })

  test('while the integration is off, they wait on', async () => {
    await world.store.saveSettings(settingsSchema.parse({ integration: { active: false } }), NOW)
    const intent = await held('integration_active')
    await world.store.wakeHeld(NOW)
    expect(await world.store.wakeHeld(NOW + 10 * MINUTE_MS)).toBe(0)
    expect(await stateOf(intent)).toBe('held')
  })

  test('a number and a template that are not ready let nothing go', async () => {
    const [number, template] = [await held('number_ready'), await held('template_approved')]
    await world.store.wakeHeld(NOW)
    expect(await world.store.wakeHeld(NOW + 10 * MINUTE_MS)).toBe(0)
    expect(await Promise.all([number, template].map(stateOf))).toEqual(['held', 'held'])
  })
}
