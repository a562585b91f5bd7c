import { noAccounts } from '#actions/whatsapp/accounts.ts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 } from 'uuid'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createDenrei } from '#server/createDenrei.ts'
import { openSqlite } from '#store/sqlite/openSqlite.ts'
import { buildHost } from '../../docs/guide/examples/host.ts'
import { createSendFax, type FaxGateway } from '../../docs/guide/examples/sendFax.ts'
import { faxOneLead } from '../../docs/guide/examples/withoutHttp.ts'

type Fax = Parameters<FaxGateway['send']>[0]
type FaxAnswer = Awaited<ReturnType<FaxGateway['send']>>

/** A fax machine that keeps what it was given and answers in turn, the last answer for ever. */
function machine(...answers: FaxAnswer[]) {
  const faxes: Fax[] = []
  const gateway: FaxGateway = {
    send: (fax) => {
      faxes.push(fax)
      return Promise.resolve(answers[Math.min(faxes.length, answers.length) - 1] ?? 'sent')
    },
  }
  return { faxes, gateway }
}

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'denrei-fax-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function openHost(gateway: FaxGateway) {
  let key = ''
  const env = { DENREI_DB: ':memory:', DENREI_LOG_LEVEL: 'silent' }
  const app = await buildHost(env, gateway, (made) => (key = made))
  onTestFinished(() => app.close())
  await app.ready()
  return async (method: 'GET' | 'POST', url: string, payload?: object) => {
    const headers = { authorization: `Bearer ${key}` }
    const answer = await app.inject({ method, url: `/denrei${url}`, headers, ...(payload && { payload }) })
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() }
  }
}

const faxWorkflow = (action: object) => ({
  files: [
    {
      file: 'fax.json',
      json: {
        kind: 'workflow',
        name: 'fax-new-lead',
        module: 'Leads',
        trigger: { on: 'record.created' },
        branches: [{ actions: [{ type: 'sendFax', ...action }] }],
      },
    },
  ],
})

test('an action of a plugin is checked by its own schema and performed once, in an application of its own', async () => {
  const { faxes, gateway } = machine('sent')
  const call = await openHost(gateway)

  const refused = await call('POST', '/v1/definitions/apply', faxWorkflow({ to: '$[Leads.Mobile]', texd: 'hello' }))
  expect(refused.status).toBe(422)
  expect(refused.body.problems).toMatchObject([{ code: 'missing_key' }, { code: 'unknown_key' }])

  const action = { to: '$[Leads.Mobile]', text: '$[見込み客.姓]様、ようこそ' }
  expect((await call('POST', '/v1/definitions/apply', faxWorkflow(action))).status).toBe(200)
  const event = {
    id: 'evt-1',
    type: 'record.created',
    module: 'Leads',
    recordId: 'L-1',
    values: { Last_Name: '山田', Mobile: '090-1234-5678' },
  }
  for (let time = 0; time < 3; time++) expect((await call('POST', '/v1/events', event)).status).toBe(202)
  await vi.waitFor(async () => {
    expect((await call('GET', '/v1/messages?recordId=L-1')).body.items).toMatchObject([
      { state: 'done', attempts: 1, intent: { type: 'sendFax' } },
    ])
  })
  expect(faxes).toMatchObject([{ to: '090-1234-5678', text: '山田様、ようこそ' }])
})

test.each<{ answers: FaxAnswer[]; state: string; reason: string | null; calls: number }>([
  { answers: ['sent'], state: 'done', reason: null, calls: 1 },
  { answers: ['no_such_number'], state: 'failed', reason: 'fax_number_unknown', calls: 1 },
  { answers: ['busy'], state: 'queued', reason: 'fax_busy', calls: 1 },
])('a machine that answers $answers leaves the work $state', async ({ answers, state, reason, calls }) => {
  const { faxes, gateway } = machine(...answers)
  const opened = await faxOneLead({ DENREI_DB: ':memory:' }, gateway)
  onTestFinished(() => opened.close())
  const { items } = await opened.denrei.store.messages({ recordId: 'lead-1' }, { limit: 10 })
  expect(items).toMatchObject([{ state, reason }])
  expect(faxes).toHaveLength(calls)
  expect(faxes[0]).toMatchObject({ to: '03-1234-5678', text: '新しい見込み客: 山田様' })
})

test('a process that is killed while it performs is followed by one that performs with the same id', async () => {
  const folder = scratch()
  const [database, notes] = [join(folder, 'fax.db'), join(folder, 'faxes')]
  const child = spawn(process.execPath, ['--conditions=denrei-source', 'test/server/faxAndDie.ts', database, notes], {
    stdio: 'inherit',
  })
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  expect(signal).toBe('SIGKILL')
  const [id] = readFileSync(notes, 'utf8').trim().split('\n')

  const { faxes, gateway } = machine('sent')
  const { store } = openSqlite(database)
  // The dead process's lease must have run out.
  const clock = { now: () => Date.now() + 120_000 }
  const denrei = await createDenrei({
    store,
    clock,
    newId: v7,
    random: () => 0.5,
    accounts: noAccounts,
    performers: () => [createSendFax(gateway)],
  })
  onTestFinished(() => denrei.stop())
  await denrei.drain()

  expect(faxes.map((fax) => fax.id)).toEqual([id])
  expect(await store.message(id ?? '')).toMatchObject({ state: 'done', attempts: 2 })
})
