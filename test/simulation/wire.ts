import { Dispatcher } from 'undici'

/** One HTTP request under way, and the ways in which it can end. Only the first end counts. */
export interface Call {
  method: string
  path: string
  headers: Record<string, string>
  body: string
  /** The first byte is on the wire: from here on nobody can know what the other side did. */
  start(): void
  answer(status: number, headers: Record<string, string>, body: string): void
  /** The connection is gone. */
  fail(code: string): void
}

/** Takes requests to a function instead of to sockets. */
export class InProcess extends Dispatcher {
  private readonly take: (call: Call) => void

  constructor(take: (call: Call) => void) {
    super()
    this.take = take
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    let ended = false
    const end = (act: () => void) => {
      if (ended) return
      ended = true
      act()
    }
    const failure = (code: string) => Object.assign(new Error(code), { code })
    const controller: Dispatcher.DispatchController = {
      aborted: false,
      paused: false,
      reason: null,
      abort: (reason) => end(() => handler.onResponseError?.(controller, reason)),
      pause: () => undefined,
      resume: () => undefined,
    }
    this.take({
      method: options.method,
      path: options.path,
      headers: options.headers as Record<string, string>,
      body: options.body as string,
      start: () => {
        if (!ended) handler.onRequestStart?.(controller, {})
      },
      answer: (status, headers, body) =>
        end(() => {
          handler.onResponseStart?.(controller, status, headers)
          handler.onResponseData?.(controller, Buffer.from(body))
          handler.onResponseEnd?.(controller, {})
        }),
      fail: (code) => end(() => handler.onResponseError?.(controller, failure(code))),
    })
    return true
  }
}
