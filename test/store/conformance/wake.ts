import { describe, expect, test } from 'vitest'
import { settings as settingsSchema } from '#definitions/settings.ts'
import type { GuardReason, SendIntent } from '#engine/message.ts'
import { ACCOUNT_DEFAULTS, type AccountState, type Trouble } from '#engine/state.ts'
import type { Candidate, Judgement } from '#engine/claim.ts'
import type { WaitsFor } from '#engine/trigger.ts'
import { aNumber, aTemplate, NOW } from '#test/engine/builders.ts'
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

  test('what waits because too many were reached is asked again when WhatsApp lets more be reached, and not when fewer', async () => {
    const { store } = world
    const at = NOW + MINUTE_MS
    const soon = async (reachMax: number | null, how: 'told' | 'synced') => {
      const number = aNumber({ reachMax, updatedAt: at })
      if (how === 'told') await apply(store, [{ kind: 'putNumber', number }])
      else await store.saveNumbers([number], at)
    }
    await store.saveNumbers([aNumber({ reachMax: 1000 })], NOW)
    const intent = sendIntent()
    await apply(store, [enqueue(intent)])
    const hold = (candidates: Candidate[]): Judgement[] =>
      candidates.map(({ message }) => ({
        id: message.intent.id,
        kind: 'stop',
        verdict: { kind: 'hold', reason: 'reach_limit', until: NOW + 20 * 60 * MINUTE_MS },
        guards: [],
      }))
    const dueAt = async () => (await store.message(intent.id))?.dueAt
    await claimAll(store, {}, hold)
    await soon(250, 'told')
    await soon(250, 'synced')
    expect(await dueAt()).toBe(NOW + 20 * 60 * MINUTE_MS)
    await soon(2000, 'told')
    expect(await dueAt()).toBeLessThanOrEqual(at)
    await claimAll(store, { now: at }, hold)
    expect(await dueAt()).toBe(NOW + 20 * 60 * MINUTE_MS)
    await soon(null, 'synced')
    expect(await dueAt()).toBe(at)
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

  describe('what waits for an account, a number or a template', () => {
    const later = NOW + 10 * MINUTE_MS
    const account = (change: Partial<AccountState> = {}): AccountState => ({
      ...ACCOUNT_DEFAULTS,
      id: '20001',
      updatedAt: NOW,
      ...change,
    })
    const trouble = (change: Partial<Trouble> = {}): Trouble => ({
      code: 'account_locked',
      stops: 'all',
      since: NOW,
      until: null,
      detail: 'ロックされました',
      ...change,
    })

    async function heldAt(numberId: string, waitsFor: WaitsFor, reason: GuardReason, change: Partial<SendIntent> = {}) {
      const intent = sendIntent({ numberId, ...change })
      await apply(world.store, [enqueue(intent)])
      await claimAll(world.store, { lane: numberId }, (candidates) =>
        candidates.map(({ message }) => ({
          id: message.intent.id,
          kind: 'stop',
          verdict: { kind: 'hold', reason, waitsFor },
          guards: [],
        })),
      )
      return intent
    }

    async function woken(): Promise<number> {
      await world.store.wakeHeld(NOW)
      return world.store.wakeHeld(later)
    }

    test('goes when its own account can send, and keeps waiting where it cannot', async () => {
      const { store } = world
      await store.saveNumbers(
        [aNumber(), aNumber({ id: '10002', accountId: '20002' }), aNumber({ id: '10003', accountId: '20003' })],
        NOW,
      )
      await store.saveAccounts(
        [account(), account({ id: '20002', enabled: false }), account({ id: '20003', troubles: [trouble()] })],
        NOW,
      )
      const [ready, disabled, locked] = [
        await heldAt('10001', 'integration_active', 'integration_inactive'),
        await heldAt('10002', 'integration_active', 'integration_inactive'),
        await heldAt('10003', 'integration_active', 'integration_inactive'),
      ]
      expect(await woken()).toBe(1)
      expect(await Promise.all([ready, disabled, locked].map(stateOf))).toEqual(['queued', 'held', 'held'])
      expect(await store.messageSteps(disabled.id)).toHaveLength(2)
    })

    test.each([
      ['ended by itself', { until: NOW + MINUTE_MS }, 'integration_inactive', 'queued'],
      ['lasts', { until: NOW + 60 * MINUTE_MS }, 'integration_inactive', 'held'],
      ['is tried again by now', { triedAgainAt: NOW + MINUTE_MS }, 'integration_inactive', 'queued'],
      ['stops paid messages only, and this is one', { stops: 'paid' }, 'payment_missing', 'held'],
      ['stops paid messages only, and waits for something else', { stops: 'paid' }, 'integration_inactive', 'queued'],
      ['stops nothing', { stops: 'nothing' }, 'account_restricted', 'queued'],
    ] as const)('a trouble that %s', async (_, change, reason, state) => {
      await world.store.saveNumbers([aNumber()], NOW)
      await world.store.saveAccounts([account({ troubles: [trouble(change)] })], NOW)
      const intent = await heldAt('10001', 'integration_active', reason)
      await woken()
      expect(await stateOf(intent)).toBe(state)
    })

    test('each number is asked for itself', async () => {
      const { store } = world
      await store.saveNumbers(
        [
          aNumber(),
          aNumber({ id: '10002', status: 'PENDING' }),
          aNumber({ id: '10003', troubles: [trouble({ code: 'number_restricted' })] }),
        ],
        NOW,
      )
      const all = [
        await heldAt('10001', 'number_ready', 'number_not_ready'),
        await heldAt('10002', 'number_ready', 'number_not_ready'),
        await heldAt('10003', 'number_ready', 'number_not_ready'),
      ]
      expect(await woken()).toBe(1)
      expect(await Promise.all(all.map(stateOf))).toEqual(['queued', 'held', 'held'])
    })

    test.each([
      ['accept', {}, 'queued'],
      ['ask', {}, 'held'],
      ['ask', { agreedCategory: 'MARKETING' }, 'queued'],
      ['hold', { category: 'UTILITY' }, 'queued'],
      ['hold', { status: 'PAUSED' }, 'held'],
    ] as const)(
      'a template of another category, when that is to %s and it is %o: %s',
      async (categoryChange, change, state) => {
        const { store } = world
        await store.saveSettings(settingsSchema.parse({ templates: { categoryChange } }), NOW)
        await store.saveTemplates([aTemplate({ category: 'MARKETING', ...change })], NOW)
        const intent = await heldAt('10001', 'template_approved', 'template_category_changed')
        await woken()
        expect(await stateOf(intent)).toBe(state)
      },
    )

    test('what waits until an instant comes due by itself', async () => {
      const intent = sendIntent()
      await apply(world.store, [enqueue(intent)])
      await claimAll(world.store, {}, (candidates) =>
        candidates.map(({ message }) => ({
          id: message.intent.id,
          kind: 'stop',
          verdict: { kind: 'hold', reason: 'number_not_ready', waitsFor: 'number_ready', until: NOW + MINUTE_MS },
          guards: [],
        })),
      )
      expect(await woken()).toBe(0)
      expect(await world.store.nextDueAt()).toBe(NOW + MINUTE_MS)
      expect(await claimAll(world.store, { now: NOW + MINUTE_MS })).toHaveLength(1)
    })
  })

  test('a number and a template that are not ready let nothing go', async () => {
    const [number, template] = [await held('number_ready'), await held('template_approved')]
    await world.store.wakeHeld(NOW)
    expect(await world.store.wakeHeld(NOW + 10 * MINUTE_MS)).toBe(0)
    expect(await Promise.all([number, template].map(stateOf))).toEqual(['held', 'held'])
  })
}
