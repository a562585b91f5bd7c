import { createHmac } from 'node:crypto'
import { InvalidInput, NotAuthentic } from '#engine/errors.ts'
import { isOneOf } from '../constantTime.ts'

/**
 * Checks that WhatsApp sent these bytes: `X-Hub-Signature-256: sha256=<hex HMAC-SHA256(app secret, body)>`.
 *
 * @param rawBody the bytes as received. Parsed and written again they do not match: Meta escapes non-ASCII as `\u00e9`.
 * @param header undefined when the request has none
 * @param appSecrets of the Meta app; several while one is being replaced
 * @throws NotAuthentic
 * Source: Meta, Graph API, "Webhooks", "Validate payloads".
 */
export function verifySignature(rawBody: Buffer, header: string | undefined, appSecrets: readonly string[]): void {
  const secrets = appSecrets.filter((secret) => secret !== '')
  if (secrets.length === 0) {
    throw new NotAuthentic('No WhatsApp app secret is configured, so no webhook can be accepted. Configure it.')
  }
  if (header === undefined) {
    throw new NotAuthentic('The webhook carries no X-Hub-Signature-256 header.', { header: 'x-hub-signature-256' })
  }
  const given = /^sha256=([0-9a-f]{64})$/i.exec(header.trim())?.[1]?.toLowerCase()
  const expected = secrets.map((secret) => createHmac('sha256', secret).update(rawBody).digest('hex'))
  if (given === undefined || !isOneOf(given, expected)) {
    throw new NotAuthentic(
      'The signature does not match the body. Configure the secret of the Meta app that sends this webhook, and let nothing in between change the body.',
      { header: 'x-hub-signature-256' },
    )
  }
}

/**
 * Answers the handshake with which Meta checks a webhook address. The request is not signed.
 *
 * @param query `hub.mode`, `hub.verify_token`, `hub.challenge`
 * @param verifyTokens as entered in the dashboards of the Meta apps and here; several apps may have one each
 * @returns the body to answer, as plain text with status 200
 * @throws NotAuthentic, InvalidInput
 * Source: Meta, Graph API, "Webhooks", "Verification requests".
 */
export function answerHandshake(
  query: Readonly<Record<string, unknown>>,
  verifyTokens: string | readonly string[],
): string {
  if (query['hub.mode'] !== 'subscribe') {
    throw new InvalidInput('Not a webhook handshake: the query parameter hub.mode must be "subscribe".', {
      field: 'hub.mode',
    })
  }
  const given = query['hub.verify_token']
  const known = (typeof verifyTokens === 'string' ? [verifyTokens] : verifyTokens).filter((token) => token !== '')
  if (typeof given !== 'string' || !isOneOf(given, known)) {
    throw new NotAuthentic(
      'The verify token is not the one configured here. Enter the same in the Meta app and in the configuration.',
      { field: 'hub.verify_token' },
    )
  }
  const challenge = query['hub.challenge']
  if (typeof challenge !== 'string' || !/^[\w.-]{1,256}$/.test(challenge)) {
    throw new InvalidInput('The handshake carries no hub.challenge that could be answered.', { field: 'hub.challenge' })
  }
  return challenge
}
