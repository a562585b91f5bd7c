import type { Account } from '#emulator/account.ts'
import type { Step } from '#emulator/magic.ts'
import type { SentMessage } from '#emulator/messages.ts'
import { fraction } from '#emulator/random.ts'
import type { SendIntent } from '#engine/message.ts'
import { conductOf, type Behaviour } from './behaviour.ts'

const SENT_MS = 1_000
const DELIVERED_MS = 2_000

export interface Customers {
  /** What becomes of a message that WhatsApp has just accepted. Replies to it are put into the emulator's agenda. */
  fate(message: SentMessage): readonly Step[]
  /** Which buttons the message that is about to be sent has, so that a reply can be a tap. */
  show(intent: SendIntent): void
  counts: { replies: number; optOuts: number; blocks: number }
}

/**
 * People who read, answer, leave and fail. Whatever one does depends on the seed, the purpose, the person, the template and
 * how often it came, and on nothing else: another message, another definition or another order of events changes nothing of it.
 *
 * @param account asked only when a message lives, since it is made of this
 * @param buttonsOf the labels of a template's quick replies, in their order
 */
export function createCustomers(
  given: Behaviour,
  seed: number,
  account: () => Account,
  buttonsOf: (template: string, language: string) => readonly { index: number; label: string }[],
): Customers {
  const conduct = conductOf(given)
  const received = new Map<string, number>()
  const blocked = new Set<string>()
  const payloads = new Map<string, Map<number, string>>()
  const counts = { replies: 0, optOuts: 0, blocks: 0 }
  const { undeliverable = 0, block = 0 } = given

  const draw = (purpose: string, key: string) => fraction(seed, `${purpose} ${key}`)

  function write(message: SentMessage, text: string): void {
    const { waId, bsuid, numberId, wamid, template, opaqueId } = message
    const who = waId === null ? { bsuid } : { from: waId }
    const button =
      template === null ? undefined : buttonsOf(template.name, template.language).find((one) => one.label === text)
    const content =
      button === undefined
        ? { text }
        : { button: { text, payload: payloads.get(opaqueId ?? '')?.get(button.index) ?? text } }
    account().receive({ ...who, numberId, contextId: wamid, ...content })
  }

  return {
    counts,
    show(intent) {
      const taps = intent.parameters?.buttons.filter(({ subType }) => subType === 'quick_reply') ?? []
      if (taps.length === 0) return
      payloads.set(intent.id, new Map(taps.map(({ index, value }) => [index, value ?? ''])))
    },
    fate(message) {
      const person = message.waId ?? message.bsuid
      const template = message.template?.name ?? null
      const told = `${person} ${template ?? ''}`
      const nth = (received.get(told) ?? 0) + 1
      received.set(told, nth)
      const key = `${told} ${nth}`
      const { read, readMs, reply, replyMs, words, optOut, optOutWords, fail, failCode } = conduct(template)

      if (undeliverable > 0 && draw('undeliverable', person) < undeliverable) {
        return [{ status: 'failed', delay: SENT_MS, code: 131026 }]
      }
      if (blocked.has(person)) return [{ status: 'sent', delay: SENT_MS }]
      if (fail > 0 && draw('fail', key) < fail) return [{ status: 'failed', delay: SENT_MS, code: failCode }]

      const readAfter = around(readMs, draw('read after', key))
      const replyAfter = around(replyMs, draw('reply after', key))
      const leaves = optOut > 0 && draw('opt out', key) < optOut
      const replies = !leaves && reply > 0 && draw('reply', key) < reply
      // Who answers has read it.
      const isRead = leaves || replies || draw('read', key) < read
      const arrived = SENT_MS + DELIVERED_MS
      const { scheduler } = account()
      if (leaves || replies) {
        const text = pick(leaves ? optOutWords : words, draw('words', key))
        scheduler.at(scheduler.now() + arrived + Math.min(readAfter, replyAfter) + replyAfter, () => {
          counts[leaves ? 'optOuts' : 'replies']++
          write(message, text)
        })
      }
      if (block > 0 && draw('block', key) < block) {
        scheduler.at(scheduler.now() + arrived + readAfter, () => {
          if (!blocked.has(person)) counts.blocks++
          blocked.add(person)
        })
      }
      const steps: Step[] = [
        { status: 'sent', delay: SENT_MS },
        { status: 'delivered', delay: DELIVERED_MS },
      ]
      if (isRead) steps.push({ status: 'read', delay: replies || leaves ? Math.min(readAfter, replyAfter) : readAfter })
      return steps
    },
  }
}

/** A quarter to four times the middle, as likely above it as below. @param at in [0, 1) */
const around = (middleMs: number, at: number): number => Math.round(middleMs * 4 ** (2 * at - 1))

const pick = <T>(list: readonly T[], at: number): T => list[Math.floor(at * list.length)] as T
