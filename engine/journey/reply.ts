import type { WaitFor } from '#definitions/definitions.ts'
import type { Json } from '#definitions/json.ts'

type Wanted = Extract<WaitFor, { on: 'message.received' }>

/** Whether a message is an answer that a step waits for. It is given as conditions see `message`. */
export type ReplyTest = (message: Json | undefined) => boolean

/**
 * With neither `text` nor `button` any message will do; with both, either. The whole text must be one of those wanted, whatever
 * the case and the width of its letters: `ﾊｲ` is `ハイ`, `Ｙｅｓ` is `yes`. Only a tapped button or list row counts as `button`, by
 * its payload or its title: typed words may be anybody's.
 */
export function compileReply({ text, button }: Pick<Wanted, 'text' | 'button'>): ReplyTest {
  if (text === undefined && button === undefined) return () => true
  const texts = new Set(text?.map(plain))
  const buttons = new Set(button?.map(plain))
  return (message) => {
    const { type, text, payload } = (message ?? {}) as { type?: Json; text?: Json; payload?: Json }
    if (typeof text === 'string' && texts.has(plain(text))) return true
    if (type !== 'button' && type !== 'interactive') return false
    return [payload, text].some((one) => typeof one === 'string' && buttons.has(plain(one)))
  }
}

/** Compatibility forms are one (NFKC), so are cases, and a wide space at the end is as good as none. */
export function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase().normalize('NFKC').trim()
}
