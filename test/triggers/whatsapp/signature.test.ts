import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerHandshake, verifySignature } from '#triggers/whatsapp/signature.ts'
import { faultOf } from '../context.ts'

const SECRET = 'app-secret-1'
const sign = (body: Buffer | string, secret = SECRET) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`

describe('the signature', () => {
  // As Meta sends it: non-ASCII escaped, no spaces. JSON.stringify writes the letters themselves.
  const raw = Buffer.from('{"entry":[{"text":"caf\\u00e9 \\u898b\\u7a4d","url":"https:\\/\\/x"}]}')

  test('matches the bytes as they came, escapes and all', () => {
    expect(() => verifySignature(raw, sign(raw), [SECRET])).not.toThrow()
    expect(() => verifySignature(raw, sign(raw).toUpperCase().replace('SHA256', 'sha256'), [SECRET])).not.toThrow()
  })

  test('a known vector', () => {
    // HMAC-SHA256 of RFC 4231, test case 2.
    const header = 'sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
    expect(() => verifySignature(Buffer.from('what do ya want for nothing?'), header, ['Jefe'])).not.toThrow()
  })

  test('a body that was parsed and written again does not match', () => {
    const again = Buffer.from(JSON.stringify(JSON.parse(raw.toString())))
    expect(again.equals(raw)).toBe(false)
    expect(faultOf(() => verifySignature(again, sign(raw), [SECRET])).code).toBe('ERR_NOT_AUTHENTIC')
  })

  test('an old and a new secret are both good while one replaces the other', () => {
    expect(() => verifySignature(raw, sign(raw, 'new'), ['old', 'new'])).not.toThrow()
    expect(() => verifySignature(raw, sign(raw, 'old'), ['old', 'new'])).not.toThrow()
  })

  test.each([
    ['no header', undefined, [SECRET]],
    ['an empty header', '', [SECRET]],
    ['another secret', sign(raw, 'wrong'), [SECRET]],
    ['no secret configured', sign(raw), []],
    ['an empty secret configured', sign(raw, ''), ['']],
    ['a cut signature', sign(raw).slice(0, -1), [SECRET]],
    ['a longer signature', `${sign(raw)}0`, [SECRET]],
    ['the old SHA-1 form', sign(raw).replace('sha256', 'sha1'), [SECRET]],
    ['no prefix', sign(raw).slice('sha256='.length), [SECRET]],
  ])('%s is not authentic, and no secret is told', (_, header, secrets) => {
    const fault = faultOf(() => verifySignature(raw, header, secrets))
    expect(fault.code).toBe('ERR_NOT_AUTHENTIC')
    expect(JSON.stringify([fault.message, fault.details])).not.toMatch(/app-secret|sha256=/)
  })

  test('changing any one byte breaks it', () => {
    fc.assert(
      fc.property(fc.nat(raw.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const tampered = Buffer.from(raw)
        tampered[at] = (tampered[at] ?? 0) ^ flip
        expect(() => verifySignature(tampered, sign(raw), [SECRET])).toThrow()
      }),
    )
  })
})

describe('the handshake', () => {
  const query = { 'hub.mode': 'subscribe', 'hub.challenge': '1158201444', 'hub.verify_token': 'aikotoba' }

  test('answers the challenge as it came', () => {
    expect(answerHandshake(query, 'aikotoba')).toBe('1158201444')
  })

  test.each([
    ['the wrong token', { 'hub.verify_token': 'x' }, 'ERR_NOT_AUTHENTIC'],
    ['no token', { 'hub.verify_token': undefined }, 'ERR_NOT_AUTHENTIC'],
    ['the token twice', { 'hub.verify_token': ['aikotoba', 'aikotoba'] }, 'ERR_NOT_AUTHENTIC'],
    ['another mode', { 'hub.mode': 'unsubscribe' }, 'ERR_INVALID_INPUT'],
    ['no mode', { 'hub.mode': undefined }, 'ERR_INVALID_INPUT'],
    ['no challenge', { 'hub.challenge': undefined }, 'ERR_INVALID_INPUT'],
    ['markup for a challenge', { 'hub.challenge': '<script>' }, 'ERR_INVALID_INPUT'],
  ])('%s is refused', (_, change, code) => {
    const fault = faultOf(() => answerHandshake({ ...query, ...change }, 'aikotoba'))
    expect(fault.code).toBe(code)
    expect(JSON.stringify([fault.message, fault.details])).not.toContain('aikotoba')
  })

  test('without a configured token nobody passes, not even with an empty one', () => {
    expect(faultOf(() => answerHandshake({ ...query, 'hub.verify_token': '' }, '')).code).toBe('ERR_NOT_AUTHENTIC')
  })
})
