import { request } from 'undici'
import { expect, test } from 'vitest'
import { codeOf, NUMBER, openAccount, TOKEN, type GraphAnswer } from './testAccount.ts'

test.each([
  ['no token', {}, '', 401, 0],
  ['a wrong token', { authorization: 'Bearer wrong' }, '', 401, 190],
  ['the token in the address', {}, `?access_token=${TOKEN}`, 200, undefined],
  ['the token', { authorization: `Bearer ${TOKEN}` }, '', 200, undefined],
])('a call with %s', async (_, headers, query, status, code) => {
  await using account = await openAccount()
  const answer = await request(`${account.emulator.url}/v25.0/${NUMBER}${query}`, { headers })
  const body = (await answer.body.json()) as GraphAnswer['body']
  expect([answer.statusCode, body.error?.code]).toEqual([status, code])
  expect(JSON.stringify(body)).not.toContain('wrong')
})

test('an error has the shape of the Graph API', async () => {
  await using account = await openAccount()
  const { status, body } = await account.send({ to: '+819012345678', text: { body: 'x' } })
  expect(status).toBe(400)
  expect(body).toEqual({
    error: {
      message: '(#131047) Re-engagement message',
      type: 'OAuthException',
      code: 131047,
      error_data: { messaging_product: 'whatsapp', details: expect.stringContaining('24 hours') as unknown },
      fbtrace_id: expect.stringMatching(/^[\w-]{8,}$/) as unknown,
    },
  })
})

test.each([
  ['GET', '/v25.0/999', '100/33'],
  ['POST', '/v25.0/999/messages', '100/33'],
  ['POST', '/v25.0/999/media', '100/33'],
  ['GET', '/v25.0/999/message_templates', '100/33'],
  ['GET', '/v25.0/999/phone_numbers', '100/33'],
  ['GET', `/v25.0/${NUMBER}/horoscope`, '2500'],
  ['GET', `/${NUMBER}`, '200'],
  ['GET', '/v25/1', '2500'],
  ['PUT', `/v25.0/${NUMBER}`, '2500'],
])('%s %s: %s', async (method, path, code) => {
  await using account = await openAccount()
  expect(
    codeOf(await account.call(method, path, method === 'GET' ? undefined : { messaging_product: 'whatsapp' })),
  ).toBe(code)
})

test('every version of the path is answered', async () => {
  await using account = await openAccount()
  await account.approve()
  for (const version of ['v20.0', 'v23.0', 'v26.0']) {
    const { status } = await account.call('POST', `/${version}/${NUMBER}/messages`, {
      messaging_product: 'whatsapp',
      to: '+819012345678',
      type: 'template',
      template: { name: 'hello', language: { code: 'ja' } },
    })
    expect(status).toBe(200)
  }
})

test('message ids are like those of WhatsApp, differ, and repeat with the seed only', async () => {
  const ids = async (seed?: number): Promise<string[]> => {
    await using account = await openAccount(seed === undefined ? {} : { seed })
    await account.approve()
    for (let index = 0; index < 20; index++) await account.sendTemplate(`+81901234${5000 + index}`)
    return account.emulator.messages().map(({ wamid }) => wamid)
  }
  const [first, again, other] = [await ids(1), await ids(1), await ids(2)]
  expect(new Set([...first, ...other])).toHaveLength(40)
  expect(again).toEqual(first)
  for (const id of first) {
    const bytes = Buffer.from(id.slice('wamid.'.length), 'base64').toString('latin1')
    expect(id).toMatch(/^wamid\.[A-Za-z0-9+/]+=*$/)
    expect(bytes).toContain('8190123450')
  }
})

test('the numbers of the account are listed, by fields, with the limit named as the version names it', async () => {
  await using account = await openAccount({
    numbers: [
      { id: '1', displayNumber: '+81 3-1111-1111', verifiedName: '一号店', tier: 'TIER_2K', throughput: 1_000 },
      {
        id: '2',
        displayNumber: '+81 3-2222-2222',
        verifiedName: '二号店',
        status: 'FLAGGED',
        quality: 'RED',
        verified: false,
      },
    ],
  })
  const { body } = await account.call('GET', `/v25.0/${account.emulator.wabaId}/phone_numbers`)
  expect(body['data']).toMatchObject([
    { id: '1', display_phone_number: '+81 3-1111-1111', verified_name: '一号店', throughput: { level: 'HIGH' } },
    { id: '2', quality_rating: 'RED', code_verification_status: 'NOT_VERIFIED' },
  ])
  const one = async (path: string): Promise<unknown> => (await account.call('GET', path)).body
  expect(await one('/v25.0/1?fields=id,status,whatsapp_business_manager_messaging_limit')).toEqual({
    id: '1',
    status: 'CONNECTED',
    whatsapp_business_manager_messaging_limit: 'TIER_2K',
  })
  expect(await one('/v23.0/1?fields=messaging_limit_tier')).toEqual({ id: '1', messaging_limit_tier: 'TIER_2K' })
  expect(await one('/v25.0/2?fields=health_status')).toMatchObject({ health_status: { can_send_message: 'BLOCKED' } })
  expect(await one(`/v25.0/${account.emulator.wabaId}?fields=name,currency`)).toMatchObject({ currency: 'USD' })
})

test('a body over 3 MB is refused', async () => {
  await using account = await openAccount()
  const { status } = await account.send({ to: '+819012345678', text: { body: 'x'.repeat(3 * 1024 * 1024) } })
  expect(status).toBe(413)
})
