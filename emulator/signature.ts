import { createHmac } from 'node:crypto'

/**
 * JSON as Meta writes it: everything outside ASCII is escaped with lower-case hex, so a receiver that parses and
 * serialises again gets other bytes and another signature.
 *
 * Source: Meta, Graph API, "Webhooks" (validating payloads).
 */
export function escapedJson(value: unknown): string {
  const text = JSON.stringify(value)
  return NOT_ASCII_TEST.test(text)
    ? text.replace(NOT_ASCII, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : text
}
const NOT_ASCII = /[\u007f-\uffff]/g
const NOT_ASCII_TEST = /[\u007f-\uffff]/

/** The value of `X-Hub-Signature-256` over these exact bytes. */
export const signatureOf = (secret: string, body: string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
