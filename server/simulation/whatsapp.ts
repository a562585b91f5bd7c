import { messageBody, Unsendable } from '#actions/whatsapp/messageBody.ts'
import type { CloudClient, SendAnswer } from '#actions/whatsapp/client.ts'
import type { Account } from '#emulator/account.ts'
import { GraphError } from '#emulator/graphError.ts'
import type { Form, SendIntent } from '#engine/message.ts'

/** The version of the Cloud API that the client speaks. */
const API_VERSION = 25

/**
 * The Cloud API without a wire: the same bodies, the same checks and limits of the emulated account, and its answers as the
 * client reads them. Only sends are made in a simulation; templates and numbers are put there before it begins.
 */
export function inProcess(account: Account, shown: (intent: SendIntent) => void): CloudClient {
  const never = (): never => {
    throw new Error('A simulation makes no management calls.')
  }
  return {
    send: async (intent, form) => {
      shown(intent)
      return answer(account, intent, form)
    },
    listTemplates: never,
    createTemplate: never,
    editTemplate: never,
    deleteTemplate: never,
    unpauseTemplate: never,
    uploadSample: never,
    listNumbers: never,
    number: never,
    history: never,
    account: never,
    health: never,
    ownToken: never,
    pricingAnalytics: never,
    close: () => Promise.resolve(),
  }
}

function answer(account: Account, intent: SendIntent, form: Form): SendAnswer {
  const number = account.number(intent.numberId ?? '')
  if (number === undefined) return refusal(100, `There is no number ${intent.numberId ?? ''}.`, 400)
  try {
    const acceptance = account.messages.accept(number, API_VERSION, messageBody(intent, form))
    acceptance.start()
    const { wamid, waId, bsuid } = acceptance.message
    return { kind: 'accepted', wamid, ...(waId === null ? { userId: bsuid } : { waId }) }
  } catch (error) {
    if (error instanceof Unsendable) return refusal(null, error.message, 0)
    if (!(error instanceof GraphError)) throw error
    account.messages.refused(error.code)
    return refusal(error.code, `${error.message}: ${error.details}`, error.status, error.extra.transient)
  }
}

const refusal = (code: number | null, details: string, httpStatus: number, transient = false): SendAnswer => ({
  kind: 'refused',
  code,
  subcode: null,
  details,
  transient,
  httpStatus,
})
