import type { Values } from '#definitions/json.ts'
import type { Actor } from '#engine/command.ts'
import { callServer, ServerRefused } from '../remote.ts'
import { say, type Language } from '../texts.ts'
import type { House } from './house.ts'
import { ito, sato, tanaka } from './people.ts'

const PATH = '/v1/modules/Deals/records/demo-deal/blueprint'

/** What became of a deal that people moved over HTTP. */
export interface DealMoved {
  state: string
  /** Codes. */
  refused: string[]
  messages: number
  lines: string[]
  wrong: string[]
}

/**
 * One deal in its blueprint: who may not move it is told why, who may does, and the customer hears of it.
 *
 * @param settle resolves when nothing is under way
 */
export async function moveDeal(
  { target, emulator }: House,
  language: Language,
  settle: () => Promise<void>,
): Promise<DealMoved> {
  const call = <T>(method: 'GET' | 'POST', path: string, body?: unknown) => callServer<T>(target, method, path, body)
  const created = (id: string, module: string, recordId: string, values: object) =>
    call('POST', '/v1/events', { id, type: 'record.created', module, recordId, values })
  const name = '田中様の受付システム'
  const refused: string[] = []
  const lines: string[] = []
  const take = async (transition: string, as: Actor, data: Values) => {
    try {
      await call('POST', `${PATH}?language=${language}`, { transition, as, data })
      lines.push(say(language, 'demoTaken', name, as.user, transition))
    } catch (error) {
      if (!(error instanceof ServerRefused) || !error.code.startsWith('ERR_TRANSITION_')) throw error
      refused.push(error.code)
      lines.push(say(language, 'demoRefused', name, as.user, transition, error.message))
    }
  }

  await created('demo-deal-contact', 'Contacts', 'demo-contact', { Last_Name: '田中', ...tanaka.fields })
  await created('demo-deal-created', 'Deals', 'demo-deal', {
    ...{ Deal_Name: name, Amount: 2_000_000, Stage: 'Qualification' },
    ...{ Contact_Name: { id: 'demo-contact', name: '田中' }, Owner: sato.user },
  })
  await settle()
  await take('Send proposal', ito, { Closing_Date: '2099-12-24' })
  await take('Negotiate', sato, { Amount: 1_800_000 })
  await take('Send proposal', sato, { Closing_Date: '2099-12-24' })
  await settle()

  const { state } = await call<{ state: string }>(
    'GET',
    `${PATH}?language=${language}&user=${encodeURIComponent(sato.user)}&roles=sales`,
  )
  const messages = emulator.messages().filter(({ waId }) => `+${waId}` === tanaka.fields.Mobile)
  const wrong: string[] = []
  if (state !== 'Proposal') wrong.push(`the deal of the demo stands at ${state}, not at Proposal`)
  if (refused.length !== 2) wrong.push(`${refused.length} transitions were refused, not 2`)
  if (messages.length !== 1) wrong.push(`the customer of the deal got ${messages.length} messages, not 1`)
  return { state, refused, messages: messages.length, lines, wrong }
}
