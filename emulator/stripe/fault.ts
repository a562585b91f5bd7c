/** An answer that says no, as Stripe writes it. Source: Stripe, "Errors". */
export class StripeFault extends Error {
  readonly status: number
  readonly body: { error: Record<string, unknown> }

  constructor(
    status: number,
    type: 'invalid_request_error' | 'card_error' | 'api_error' | 'idempotency_error',
    message: string,
    more: Record<string, unknown> = {},
  ) {
    super(message)
    this.status = status
    this.body = { error: { type, message, ...more } }
  }
}

export const missing = (what: string, id: string): StripeFault =>
  new StripeFault(404, 'invalid_request_error', `No such ${what}: '${id}'`, { code: 'resource_missing', param: 'id' })

export const invalid = (message: string, param: string, code?: string): StripeFault =>
  new StripeFault(400, 'invalid_request_error', message, { param, ...(code === undefined ? {} : { code }) })

/** What goes wrong on request: before anything is done, or after it, when only the answer is lost. */
export interface StripeTrouble {
  kind: '500' | '429' | 'close_before' | 'close_after'
  /** Part of the path, such as `/confirm`. */
  path: string
  /** Default 1. */
  count?: number
}
