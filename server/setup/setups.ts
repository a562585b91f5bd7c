import type { Json } from '#definitions/json.ts'
import { AppError, NotFound, type InvalidInput } from '#engine/errors.ts'
import { WhatsAppRefused, WhatsAppUnreachable } from '#actions/whatsapp/faults.ts'
import { EncryptionKeyMissing } from '../secrets/errors.ts'
import { validatorCompiler } from '../validation.ts'
import { performAccess, performApp } from './access.ts'
import { setupTokenName, withSetupClient, valueOf, type Bench, type StepWork } from './bench.ts'
import { isRegistered } from './choices.ts'
import { accountsFor, businessesOf, numbersFor, performAccount, performBusiness, performNumber } from './choosing.ts'
import { complete, currentStep, missingBefore, newDocument, type SetupDocument, type StepName } from './document.ts'
import { SetupNotYet, SetupRefused } from './errors.ts'
import { stepInputs, type StepInput } from './inputs.ts'
import { performActive, performPeople, performRegister, performVerify, performWebhook, wrongCode } from './proving.ts'
import { refuse, refusedAt } from './refusal.ts'

/** The set-ups of this installation: several at once, each where it was left, whatever stopped meanwhile. */
export interface Setups {
  /** @throws EncryptionKeyMissing: nothing of it could be kept */
  start(by: string): Promise<SetupDocument>
  /** Oldest first. */
  list(): Promise<SetupDocument[]>
  /** @throws NotFound */
  read(id: string): Promise<SetupDocument>
  /**
   * Takes a step, or looks again at what there is to choose when `input` is empty. Taking it twice changes nothing.
   * @throws InvalidInput, SetupNotYet, SetupRefused, and WhatsApp's faults
   */
  step(id: string, step: StepName, input: unknown): Promise<SetupDocument>
  /** Forgets it and its token. An account that was connected by it stays. */
  drop(id: string): Promise<void>
}

const PREFIX = 'setup/'

export function createSetups(bench: Bench, newId: () => string): Setups {
  const { store, now } = bench
  /** One step of a set-up after the other: two at once would each write down what the other has not seen. */
  const queues = new Map<string, Promise<unknown>>()

  async function list(): Promise<SetupDocument[]> {
    const found = await store.documents(PREFIX)
    return found.map(({ value }) => value as unknown as SetupDocument).sort((a, b) => a.createdAt - b.createdAt)
  }

  async function read(id: string): Promise<SetupDocument> {
    const found = await store.document(PREFIX + id)
    if (found === null) throw new NotFound(`There is no set-up "${id}".`, { id })
    return found as unknown as SetupDocument
  }

  async function save(setup: SetupDocument): Promise<SetupDocument> {
    const kept = { ...setup, updatedAt: now() }
    await store.saveDocument(PREFIX + setup.id, kept as unknown as Json, now())
    return kept
  }

  function alone<T>(id: string, work: () => Promise<T>): Promise<T> {
    const mine = (queues.get(id) ?? Promise.resolve()).then(work, work)
    queues.set(id, mine)
    const forget = () => {
      if (queues.get(id) === mine) queues.delete(id)
    }
    mine.then(forget, forget)
    return mine
  }

  async function workOn(setup: SetupDocument): Promise<StepWork> {
    const others = (await list()).filter(({ id, done }) => id !== setup.id && done.active === undefined)
    return {
      ...bench,
      setup,
      claimedBy: (numberId) => others.find(({ done }) => done.number?.value.id === numberId)?.id ?? null,
    }
  }

  async function take(setup: SetupDocument, step: StepName, body: unknown): Promise<SetupDocument> {
    const input = readInput(step, body)
    const before = missingBefore(setup, step)
    if (before.length > 0) {
      throw new SetupNotYet(`Before "${step}" comes ${before.map((one) => `"${one}"`).join(', ')}.`, { step, before })
    }
    const problem = setup.problems[step]
    if (problem?.until !== undefined && problem.until !== null && problem.until > now()) {
      throw refuse(step, problem, problem.until)
    }
    const work = await workOn(setup)
    try {
      return await settle(await perform(work, step, input))
    } catch (error) {
      throw await remember(work, step, error)
    }
  }

  /** Writes down why it did not do, so that it is told to whoever looks next. */
  async function remember({ setup }: StepWork, step: StepName, error: unknown): Promise<unknown> {
    const wrong = step === 'verify' ? wrongCode(setup, error, now()) : null
    const told = wrong?.refused ?? refusedAt(step, error, now())
    if (!(told instanceof SetupRefused)) return told
    const { remark, until } = told
    let left: SetupDocument = { ...setup, code: wrong?.code ?? setup.code }
    if (remark.code === 'not_verified' && step === 'register') {
      const { verify: _, ...done } = left.done
      left = { ...left, done }
    }
    await save({ ...left, problems: { ...left.problems, [step]: { ...remark, at: now(), until } } })
    return told
  }

  /** Goes on by itself as far as nobody has to choose or to know anything. */
  async function settle(setup: SetupDocument): Promise<SetupDocument> {
    let at = setup
    for (;;) {
      const step = currentStep(at)
      if (step === null) return at
      try {
        const next = await forward(await workOn(at), step)
        if (next === null) return at
        at = next
      } catch (error) {
        const told = readable(step, error, now())
        if (told === null) throw error
        return { ...at, problems: { ...at.problems, [step]: { ...told.remark, at: now(), until: told.until } } }
      }
    }
  }

  return {
    async start(by) {
      if (bench.secrets.keyIds.length === 0) throw new EncryptionKeyMissing()
      return save(newDocument(newId(), by, now()))
    },
    list,
    read,
    step: (id, step, input) => alone(id, async () => save(await take(await read(id), step, input))),
    drop: (id) =>
      alone(id, async () => {
        const setup = await read(id)
        await store.saveDocument(PREFIX + id, null, now())
        await store.saveSecrets([{ name: setupTokenName(id), sealed: null }], now())
        const appId = setup.done.app?.value.id
        if (appId === undefined) return
        const [accounts, others] = [await store.accounts(), await list()]
        const used =
          accounts.some((one) => one.appId === appId) || others.some(({ done }) => done.app?.value.id === appId)
        if (!used) await bench.apps.forget(appId)
      }),
  }
}

/** @throws InvalidInput with each problem's place; no value is repeated */
function readInput(step: StepName, body: unknown): unknown {
  const check = validatorCompiler({
    schema: stepInputs[step],
    method: 'POST',
    url: '',
    httpPart: 'body',
  }) as (input: unknown) => { value: unknown } | { error: InvalidInput }
  const checked = check(body ?? {})
  if ('error' in checked) throw checked.error
  return checked.value
}

/** @returns the set-up after the step */
async function perform(work: StepWork, step: StepName, input: unknown): Promise<SetupDocument> {
  const { setup } = work
  const now = work.now()
  const given = <K extends StepName>() => input as StepInput<K>
  switch (step) {
    case 'app':
      return complete(setup, step, await performApp(work, given<'app'>()), now)
    case 'access':
      return complete(setup, step, await performAccess(work, given<'access'>()), now)
    case 'business': {
      const items = await businessesOf(work)
      const looked = { ...setup, choices: { ...setup.choices, business: { at: now, items } } }
      if (isEmpty(input)) return looked
      return complete(looked, step, await performBusiness(work, given<'business'>(), items), now)
    }
    case 'account': {
      const items = await accountsFor(work)
      const looked = { ...setup, choices: { ...setup.choices, account: { at: now, items } } }
      if (isEmpty(input)) return looked
      return complete(looked, step, await performAccount(work, given<'account'>(), items), now)
    }
    case 'number': {
      const items = await numbersFor(work)
      const looked = { ...setup, choices: { ...setup.choices, number: { at: now, items } } }
      if (isEmpty(input)) return looked
      return complete(looked, step, await performNumber(work, given<'number'>(), items), now)
    }
    case 'verify': {
      const outcome = await performVerify(work, given<'verify'>())
      if (outcome.kind === 'verified') return complete(setup, step, outcome.value, now)
      const { verify: _, ...problems } = setup.problems
      return { ...setup, problems, code: outcome.code }
    }
    case 'register':
      return complete(setup, step, await performRegister(work, given<'register'>()), now)
    case 'webhook':
      return complete(setup, step, await performWebhook(work, given<'webhook'>()), now)
    case 'profile':
      return complete(setup, step, given<'profile'>(), now)
    case 'people':
      return complete(setup, step, await performPeople(work, given<'people'>()), now)
    case 'active': {
      const value = await performActive(work)
      await work.secrets.write([{ name: setupTokenName(setup.id), value: null }])
      return complete(setup, step, value, now)
    }
  }
}

const isEmpty = (input: unknown): boolean => Object.keys(input as object).length === 0

/** The current step, as far as it does itself. @returns null when it waits for somebody */
async function forward(work: StepWork, step: StepName): Promise<SetupDocument | null> {
  const { setup } = work
  const now = work.now()
  switch (step) {
    case 'business': {
      if (setup.choices.business !== undefined) return null
      const items = await businessesOf(work)
      const looked = { ...setup, choices: { ...setup.choices, business: { at: now, items } } }
      const [only] = items
      if (items.length === 1 && only !== undefined)
        return complete(looked, step, { id: only.id, name: only.label }, now)
      const { granted } = valueOf(setup, 'access')
      if (items.length === 0 && granted !== null) return complete(looked, step, null, now)
      return looked
    }
    case 'account':
      if (setup.choices.account !== undefined) return null
      return { ...setup, choices: { ...setup.choices, account: { at: now, items: await accountsFor(work) } } }
    case 'number':
      if (setup.choices.number !== undefined) return null
      return { ...setup, choices: { ...setup.choices, number: { at: now, items: await numbersFor(work) } } }
    case 'verify': {
      if (setup.code !== null) return null
      const node = await withSetupClient(work, (client) => client.number(valueOf(setup, 'number').id))
      return node.code_verification_status === 'VERIFIED' ? complete(setup, step, { by: 'already' }, now) : null
    }
    case 'register': {
      const node = await withSetupClient(work, (client) => client.number(valueOf(setup, 'number').id))
      return isRegistered(node) ? complete(setup, step, { by: 'already' }, now) : null
    }
    case 'app':
    case 'access':
    case 'webhook':
    case 'profile':
    case 'people':
    case 'active':
    default:
      return null
  }
}

/** What went wrong while going on by itself is a remark at that step; the step before was taken all the same. */
function readable(step: StepName, error: unknown, now: number): SetupRefused | null {
  const told = error instanceof WhatsAppRefused ? refusedAt(step, error, now) : error
  if (told instanceof SetupRefused) return told
  if (!(error instanceof AppError) || !(error instanceof WhatsAppUnreachable)) return null
  return refuse(step, { code: 'unreachable', details: { said: error.message } }, null, error)
}
