import type { Account } from './account.ts'
import type { NumberOptions } from './options.ts'
import type { EmulatedTemplate } from './templates.ts'

type Ability = 'AVAILABLE' | 'LIMITED' | 'BLOCKED'
interface Entity {
  entity_type: 'PHONE_NUMBER' | 'WABA' | 'BUSINESS' | 'APP' | 'MESSAGE_TEMPLATE'
  id: string
  can_send_message: Ability
  errors?: { error_code: number; error_description: string; possible_solution: string }[]
  additional_info?: string[]
}
type Problem = [code: number, description: string, solution: string]

/**
 * `health_status` of a number, a template or an account: each node on the way to a message, and the worst of them. 141006 and 141014 are
 * Meta's; it has not published the other codes, so those here only keep apart what is different.
 *
 * Source: Meta, Cloud API, "Messaging health status".
 */
export function healthOf(account: Account, of: { number?: NumberOptions; template?: EmulatedTemplate } = {}): object {
  const entities = [
    ...(of.template === undefined ? [] : [templateEntity(of.template)]),
    ...(of.number === undefined ? [] : [numberEntity(of.number)]),
    accountEntity(account),
    businessEntity(account),
    entity('APP', account.appId, []),
  ]
  const order: Ability[] = ['AVAILABLE', 'LIMITED', 'BLOCKED']
  const worst = Math.max(...entities.map((one) => order.indexOf(one.can_send_message)))
  return { can_send_message: order[worst], entities }
}

function entity(type: Entity['entity_type'], id: string, problems: Problem[], limits: string[] = []): Entity {
  return {
    entity_type: type,
    id,
    can_send_message: problems.length > 0 ? 'BLOCKED' : limits.length > 0 ? 'LIMITED' : 'AVAILABLE',
    ...(problems.length === 0
      ? {}
      : {
          errors: problems.map(([code, description, solution]) => ({
            error_code: code,
            error_description: description,
            possible_solution: solution,
          })),
        }),
    ...(limits.length === 0 ? {} : { additional_info: limits }),
  }
}

function numberEntity(number: NumberOptions): Entity {
  const { status = 'CONNECTED', nameStatus = 'APPROVED', quality, verified } = number
  const problems: Problem[] = []
  if (status === 'BANNED') problems.push([141003, 'The phone number is banned.', 'Appeal in Business Support Home.'])
  else if (verified === false)
    problems.push([141001, 'The phone number is not verified.', 'Request a code and enter it.'])
  else if (status !== 'CONNECTED')
    problems.push([141000, 'The phone number is not registered on the Cloud API.', 'Register the phone number.'])
  const limits: string[] = []
  if (nameStatus !== 'APPROVED' && nameStatus !== 'AVAILABLE_WITHOUT_REVIEW')
    limits.push('Your display name has not been approved yet. Your message limit will increase after it is approved.')
  if (quality === 'RED') limits.push('The quality rating of the phone number is low.')
  return entity('PHONE_NUMBER', number.id, problems, limits)
}

function accountEntity({ wabaId, state, scheduler }: Account): Entity {
  const problems: Problem[] = []
  if (state.paymentProblem !== null)
    problems.push([
      141006,
      'There is an error with the payment method. This will block business initiated conversations.',
      'There was an error with your payment method. Please add a new payment method to the account.',
    ])
  if (state.ban === 'DISABLE')
    problems.push([
      141014,
      'The WABA is banned.',
      'Please visit Business Support Home for more details (https://business.facebook.com/accountquality) on how to appeal the ban.',
    ])
  if (state.locked) problems.push([141010, 'The WABA is locked.', 'Appeal in Business Support Home.'])
  if (state.review === 'REJECTED')
    problems.push([141002, 'The WABA was not approved.', 'Ask for a review in Business Support Home.'])
  const limits = []
  if (state.review === 'PENDING') limits.push('The WABA is being reviewed.')
  if (state.isRestricted('RESTRICTED_BIZ_INITIATED_MESSAGING', scheduler.now()))
    limits.push('The WABA may not start conversations for a while.')
  return entity('WABA', wabaId, problems, limits)
}

const businessEntity = ({ portfolio }: Account): Entity =>
  entity('BUSINESS', portfolio.id, [], portfolio.verified ? [] : ['The business is not verified.'])

const templateEntity = ({ id, status }: EmulatedTemplate): Entity =>
  entity(
    'MESSAGE_TEMPLATE',
    id,
    status === 'APPROVED' ? [] : [[141020, `The template is ${status}.`, 'Use an approved template.']],
  )
