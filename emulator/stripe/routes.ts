import type { StripeAccount } from './account.ts'
import { invalid, missing } from './fault.ts'
import { isText, type Form } from './form.ts'

/** One door of the API: the parameters it knows, and what it does. Everything else is refused, as Stripe does. */
export interface Door {
  method: 'GET' | 'POST'
  path: RegExp
  parameters: readonly string[]
  answer(account: StripeAccount, id: string, form: Form): object
}

export const DOORS: readonly Door[] = [
  {
    method: 'POST',
    path: /^\/v1\/customers$/,
    parameters: ['description', 'email', 'metadata', 'name'],
    answer: (account, _id, form) =>
      account.createCustomer(text(form, 'description'), text(form, 'email'), metadataOf(form)),
  },
  {
    method: 'GET',
    path: /^\/v1\/customers\/(cus_\w+)$/,
    parameters: [],
    answer: (account, id) => account.customer(id),
  },
  {
    method: 'GET',
    path: /^\/v1\/customers\/(cus_\w+)\/payment_methods$/,
    parameters: ['limit', 'type', 'starting_after', 'ending_before', 'allow_redisplay'],
    answer: (account, id, form) => list(`/v1/customers/${id}/payment_methods`, account.methodsOf(id), form),
  },
  {
    method: 'POST',
    path: /^\/v1\/payment_intents$/,
    parameters: [
      'amount',
      'currency',
      'customer',
      'description',
      'metadata',
      'automatic_payment_methods',
      'setup_future_usage',
    ],
    answer: (account, _id, form) => {
      const allow = form['automatic_payment_methods']
      if (typeof allow !== 'object' || allow['enabled'] !== 'true') {
        throw invalid('Missing required param: automatic_payment_methods[enabled].', 'automatic_payment_methods')
      }
      return account.createIntent({
        amount: whole(form, 'amount'),
        currency: required(form, 'currency').toLowerCase(),
        customer: text(form, 'customer'),
        description: text(form, 'description'),
        metadata: metadataOf(form),
        setupFutureUsage: oneOf(form, 'setup_future_usage', ['off_session', 'on_session']),
        allowRedirects: text(allow, 'allow_redirects') ?? 'always',
      })
    },
  },
  {
    method: 'GET',
    path: /^\/v1\/payment_intents$/,
    parameters: ['limit', 'customer', 'created', 'starting_after', 'ending_before'],
    answer: (account, _id, form) => {
      const customer = text(form, 'customer')
      const all = [...account.intents.values()].reverse()
      return list(
        '/v1/payment_intents',
        all.filter((one) => customer === null || one.customer === customer),
        form,
      )
    },
  },
  {
    method: 'GET',
    path: /^\/v1\/payment_intents\/(pi_\w+)$/,
    parameters: ['client_secret'],
    answer: (account, id) => account.intent(id),
  },
  {
    method: 'POST',
    path: /^\/v1\/payment_intents\/(pi_\w+)\/confirm$/,
    parameters: ['payment_method', 'off_session', 'client_secret', 'return_url'],
    answer: (account, id, form) => {
      const intent = account.intent(id)
      const secret = text(form, 'client_secret')
      if (secret !== null && secret !== intent.client_secret) throw missing('payment_intent', id)
      if (intent.automatic_payment_methods?.allow_redirects !== 'never' && text(form, 'return_url') === null) {
        throw invalid('This PaymentIntent is configured to accept redirects: a return_url is needed.', 'return_url')
      }
      return account.confirm(id, text(form, 'payment_method'), text(form, 'off_session') === 'true')
    },
  },
  {
    method: 'POST',
    path: /^\/v1\/payment_intents\/(pi_\w+)\/cancel$/,
    parameters: ['cancellation_reason'],
    answer: (account, id, form) =>
      account.cancel(
        id,
        oneOf(form, 'cancellation_reason', ['duplicate', 'fraudulent', 'requested_by_customer', 'abandoned']),
      ),
  },
  {
    method: 'GET',
    path: /^\/v1\/charges\/(ch_\w+)$/,
    parameters: [],
    answer: (account, id) => account.charge(id),
  },
  {
    method: 'POST',
    path: /^\/v1\/refunds$/,
    parameters: ['payment_intent', 'amount', 'metadata', 'reason'],
    answer: (account, _id, form) =>
      account.refund(
        required(form, 'payment_intent'),
        form['amount'] === undefined ? null : whole(form, 'amount'),
        metadataOf(form),
      ),
  },
]

/** The objects that `expand` may put in the place of their ids. */
export function expand(account: StripeAccount, object: object, wanted: Form | string | undefined): object {
  if (typeof wanted !== 'object') return object
  const shown: Record<string, unknown> = { ...object }
  for (const field of Object.values(wanted).filter(isText)) {
    const id = shown[field]
    if (field === 'latest_charge' && typeof id === 'string') shown[field] = account.charge(id)
    else if (field === 'customer' && typeof id === 'string') shown[field] = account.customer(id)
    else if (!(field in shown)) throw invalid(`This property cannot be expanded (${field}).`, 'expand')
  }
  return shown
}

function list(url: string, all: object[], form: Form): object {
  const limit = form['limit'] === undefined ? 10 : whole(form, 'limit')
  if (limit < 1 || limit > 100) throw invalid('Invalid integer: limit must be between 1 and 100.', 'limit')
  return { object: 'list', url, data: all.slice(0, limit), has_more: all.length > limit }
}

function text(form: Form, name: string): string | null {
  const value = form[name]
  if (value === undefined || value === '') return null
  if (!isText(value)) throw invalid(`Invalid string: ${name}`, name)
  return value
}

function required(form: Form, name: string): string {
  const value = text(form, name)
  if (value === null) throw invalid(`Missing required param: ${name}.`, name, 'parameter_missing')
  return value
}

function whole(form: Form, name: string): number {
  const value = required(form, name)
  if (!/^\d+$/.test(value)) throw invalid(`Invalid integer: ${value}`, name, 'parameter_invalid_integer')
  return Number(value)
}

function oneOf(form: Form, name: string, allowed: readonly string[]): string | null {
  const value = text(form, name)
  if (value !== null && !allowed.includes(value)) {
    throw invalid(`Invalid ${name}: must be one of ${allowed.join(', ')}`, name)
  }
  return value
}

function metadataOf(form: Form): Record<string, string> {
  const { metadata } = form
  if (metadata === undefined) return {}
  if (isText(metadata)) throw invalid('Invalid object', 'metadata')
  return Object.fromEntries(Object.entries(metadata).filter((entry): entry is [string, string] => isText(entry[1])))
}
