/**
 * Error codes of the Cloud API with the HTTP status and the title they come with.
 * Source: Meta, Cloud API, "Error codes".
 */
export const GRAPH_ERRORS = {
  0: [401, 'AuthException'],
  1: [400, 'API Unknown'],
  2: [503, 'API Service'],
  3: [500, 'API Method'],
  4: [400, 'API Too Many Calls'],
  10: [403, 'Permission Denied'],
  15: [400, 'This method must be called with an app access token'],
  33: [400, 'Parameter value is not valid'],
  100: [400, 'Invalid parameter'],
  190: [401, 'Access token has expired'],
  200: [403, 'API Permission'],
  368: [403, 'Temporarily blocked for policies violations'],
  2200: [400, 'Callback verification failed'],
  2500: [400, 'Unknown path components'],
  80007: [400, 'Rate limit issues'],
  80008: [400, 'There have been too many calls to this WhatsApp Business account'],
  130429: [400, 'Rate limit hit'],
  130472: [400, "User's number is part of an experiment"],
  130497: [403, 'Business account is restricted from messaging users in this country'],
  131000: [500, 'Something went wrong'],
  131005: [403, 'Access denied'],
  131008: [400, 'Required parameter is missing'],
  131009: [400, 'Parameter value is not valid'],
  131016: [500, 'Service unavailable'],
  131021: [400, 'Recipient cannot be sender'],
  131026: [400, 'Message Undeliverable'],
  131030: [400, 'Recipient phone number not in allowed list'],
  131031: [403, 'Account has been locked'],
  131037: [400, 'WhatsApp provided number needs display name approval before message can be sent'],
  131042: [400, 'Business eligibility payment issue'],
  131045: [500, 'Incorrect certificate'],
  131047: [400, 'Re-engagement message'],
  131048: [400, 'Spam rate limit hit'],
  131049: [400, 'This message was not delivered to maintain healthy ecosystem engagement.'],
  131050: [400, 'User has stopped marketing messages from your business'],
  131051: [400, 'Unsupported message type'],
  131052: [400, 'Media download error'],
  131053: [400, 'Media upload error'],
  131055: [400, 'Method not allowed'],
  131056: [400, '(Business Account, Consumer Account) pair rate limit hit'],
  131057: [500, 'Account in maintenance mode'],
  131062: [400, 'Business-scoped user IDs are not allowed for this message'],
  131063: [400, 'Marketing messages are switched off for this API'],
  131064: [400, 'Messaging limit because of template misclassification'],
  132000: [400, 'Number of parameters does not match the expected number of params'],
  132001: [404, 'Template name does not exist in the translation'],
  132005: [400, 'Translated text too long'],
  132007: [400, 'Template format character policy violated'],
  132008: [400, 'Template parameter value is not valid'],
  132012: [400, 'Parameter format does not match format in the created template'],
  132015: [400, 'Template is paused'],
  132016: [400, 'Template is disabled'],
  132018: [400, 'Template parameter is not valid'],
  133000: [500, 'Incomplete deregistration'],
  133004: [503, 'Server temporarily unavailable'],
  133005: [400, 'Two step verification PIN mismatch'],
  133006: [400, 'Phone number re-verification needed'],
  133008: [400, 'Too many two step verification PIN guesses'],
  133009: [400, 'Two step verification PIN guessed too fast'],
  133010: [400, 'Phone number not registered'],
  133015: [400, 'Please wait a few minutes before attempting to register this phone number'],
  133016: [400, 'Account register deregister rate limit exceeded'],
  135000: [400, 'Generic user error'],
  136024: [400, 'Request code error'],
  136025: [400, 'Verify code error'],
  139000: [400, 'Blocked by integrity'],
  139100: [400, 'Failed to block/unblock some users'],
  139101: [400, 'Blocklist limit reached'],
} as const satisfies Record<number, readonly [number, string]>

export type GraphCode = keyof typeof GRAPH_ERRORS

export const isGraphCode = (code: number): code is GraphCode => Object.hasOwn(GRAPH_ERRORS, code)

/** What else an error answer may carry. */
export interface GraphErrorExtra {
  subcode?: number
  userTitle?: string
  transient?: boolean
  /** Overrides the title in `message`. */
  message?: string
  /** Overrides `OAuthException`. */
  type?: string
}

/** A refusal in the shape of the Graph API. Thrown by the checks, turned into the HTTP answer in one place. */
export class GraphError extends Error {
  readonly code: GraphCode
  readonly details: string
  readonly extra: GraphErrorExtra
  readonly status: number

  constructor(code: GraphCode, details: string, extra: GraphErrorExtra = {}) {
    const [status, title] = GRAPH_ERRORS[code]
    super(extra.message ?? `(#${code}) ${title}`)
    this.name = 'GraphError'
    this.code = code
    this.details = details
    this.extra = extra
    this.status = status
  }

  /** The body of the answer. */
  body(traceId: string): object {
    const { subcode, userTitle, transient, type } = this.extra
    return {
      error: {
        message: this.message,
        type: type ?? 'OAuthException',
        code: this.code,
        ...(subcode === undefined
          ? {
              error_data: { messaging_product: 'whatsapp', details: this.details },
              ...(userTitle === undefined ? {} : { error_user_title: userTitle, error_user_msg: this.details }),
            }
          : {
              error_subcode: subcode,
              is_transient: false,
              error_user_title: userTitle ?? GRAPH_ERRORS[this.code][1],
              error_user_msg: this.details,
            }),
        ...(transient === true ? { is_transient: true } : {}),
        fbtrace_id: traceId,
      },
    }
  }
}

/** The same error as it stands in a `failed` status webhook. Title and message are equal there. */
export const webhookError = (code: GraphCode): object => ({
  code,
  title: GRAPH_ERRORS[code][1],
  message: GRAPH_ERRORS[code][1],
  error_data: { details: DETAILS[code] ?? 'Message failed to send because of an unknown error.' },
  href: 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/',
})

const DETAILS: Partial<Record<GraphCode, string>> = {
  131026: 'Message Undeliverable.',
  131042: 'Message failed to send because there were one or more errors related to your payment method.',
  131047:
    'Message failed to send because more than 24 hours have passed since the customer last replied to this number.',
  131049: 'In order to maintain a healthy ecosystem engagement, the message failed to be delivered.',
  131050: 'The user has chosen to stop receiving marketing messages from your business.',
  131053: 'The media could not be downloaded, or its type is not what was declared.',
  130472: "Failed to send message because this user's phone number is part of an experiment.",
  132015: 'The template was paused while the message was held for quality assessment.',
}

/** An id that names nothing here, or nothing of this kind. */
export const noSuchObject = (id: string, method: string): GraphError =>
  new GraphError(100, `Object with ID '${id}' does not exist.`, {
    subcode: 33,
    type: 'GraphMethodException',
    message:
      `Unsupported ${method.toLowerCase()} request. Object with ID '${id}' does not exist, cannot be loaded due to missing ` +
      'permissions, or does not support this operation.',
  })
