import { request } from 'undici'
import { randomBytes } from 'node:crypto'

/**
 * Asks a receiver to prove that it knows the verify token.
 *
 * @returns whether it answered 200 with the challenge, as text
 * Source: Meta, Graph API, "Webhooks" (verification requests).
 */
export async function handshake(url: string, verifyToken: string): Promise<boolean> {
  const challenge = String(randomBytes(4).readUInt32BE())
  const asked = new URL(url)
  asked.searchParams.set('hub.mode', 'subscribe')
  asked.searchParams.set('hub.challenge', challenge)
  asked.searchParams.set('hub.verify_token', verifyToken)
  try {
    const answer = await request(asked, { method: 'GET', headersTimeout: 5_000, bodyTimeout: 5_000 })
    return (await answer.body.text()) === challenge && answer.statusCode === 200
  } catch {
    return false
  }
}
