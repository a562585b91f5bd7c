import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '#engine/errors.ts'
import { ContentTypeNotUnderstood } from '#triggers/errors.ts'
import { PROBLEM_TYPE, type Fault, type Problem } from './problem.ts'

/** The only place that knows HTTP: what each code answers. A code that is missing here is our own fault: 500. */
export const STATUSES: Readonly<Record<string, number>> = {
  ERR_INVALID_INPUT: 400,
  ERR_MALFORMED_JSON: 400,
  ERR_NOT_AUTHENTIC: 401,
  ERR_FORBIDDEN: 403,
  ERR_TRANSITION_NOT_ALLOWED: 403,
  ERR_NOT_FOUND: 404,
  ERR_NO_SUCH_ROUTE: 404,
  ERR_RECORD_NOT_IN_PROCESS: 404,
  ERR_ALREADY_EXISTS: 409,
  ERR_CONFIRMATION_NEEDED: 409,
  ERR_ENCRYPTION_KEY_MISSING: 409,
  ERR_SECRET_UNREADABLE: 409,
  ERR_SETUP_NOT_YET: 409,
  ERR_EVENT_ID_REUSED: 409,
  ERR_NUMBER_NOT_ACTIVE: 409,
  ERR_PURCHASE_NOT_READY: 409,
  ERR_BLUEPRINT_INACTIVE: 409,
  ERR_FIELD_LOCKED: 409,
  ERR_MIGRATION_UNDER_WAY: 409,
  ERR_TRANSITION_GONE: 409,
  ERR_BODY_TOO_LARGE: 413,
  ERR_CONTENT_TYPE_NOT_UNDERSTOOD: 415,
  ERR_ADDRESS_REFUSED: 422,
  ERR_BLUEPRINT_INVALID: 422,
  ERR_CALENDAR_CLOSED: 422,
  ERR_CONDITION_INVALID: 422,
  ERR_DEFINITIONS_INVALID: 422,
  ERR_PAYMENT_REFUSED: 422,
  ERR_RATE_CARD_INVALID: 422,
  ERR_SETUP_REFUSED: 422,
  ERR_SIMULATION_TOO_LARGE: 422,
  ERR_TRANSITION_CRITERIA: 422,
  ERR_TRANSITION_DATA: 422,
  ERR_TRANSITION_UNKNOWN: 422,
  ERR_RATE_LIMITED: 429,
  ERR_INTERNAL: 500,
  ERR_SET_ASIDE: 500,
  ERR_PAYMENT_UNREACHABLE: 502,
  ERR_WHATSAPP_ANSWER_INVALID: 502,
  ERR_WHATSAPP_REFUSED: 502,
  ERR_WHATSAPP_UNREACHABLE: 502,
  ERR_OVERLOADED: 503,
  ERR_SIMULATION_BUSY: 503,
  ERR_SIMULATION_CANCELLED: 503,
  ERR_STORE_BUSY: 503,
  ERR_STORE_FAILED: 503,
  ERR_STORE_LOCKED: 503,
  ERR_STORE_UNUSABLE: 503,
  ERR_STOPPING: 503,
}

/** How long a caller should wait when the fault does not say. */
const RETRY_AFTER_S = 5

/** The body is not JSON. */
export class MalformedJson extends AppError {
  readonly code = 'ERR_MALFORMED_JSON'
  readonly retryable = false
}

/** No such route. */
export class NoSuchRoute extends AppError {
  readonly code = 'ERR_NO_SUCH_ROUTE'
  readonly retryable = false
}

/** What is to be made is there already. */
export class AlreadyExists extends AppError {
  readonly code = 'ERR_ALREADY_EXISTS'
  readonly retryable = false
}

/** Records of a definition are still being brought over to the version before. */
export class MigrationUnderWay extends AppError {
  readonly code = 'ERR_MIGRATION_UNDER_WAY'
  readonly retryable = true
}

/** The body has more bytes than the route takes. */
export class BodyTooLarge extends AppError {
  readonly code = 'ERR_BODY_TOO_LARGE'
  readonly retryable = false
}

/** More requests than one key, or wrong ones than one address, may make in a minute. */
export class RateLimited extends AppError {
  readonly code = 'ERR_RATE_LIMITED'
  readonly retryable = true
}

/** The server is stopping. */
export class Stopping extends AppError {
  readonly code = 'ERR_STOPPING'
  readonly retryable = true
}

/** The server cannot listen where it is told to. */
export class AddressUnusable extends AppError {
  readonly code = 'ERR_ADDRESS_UNUSABLE'
  readonly retryable = false
}

/** A trigger made the decision throw. Its state and its error stand at `/v1/triggers/ID`. */
export class SetAside extends AppError {
  readonly code = 'ERR_SET_ASIDE'
  readonly retryable = false
}

/** Our own mistake. The log has the cause; the answer has only the request's id. */
class Internal extends AppError {
  readonly code = 'ERR_INTERNAL'
  readonly retryable = false
}

/** Answers `application/problem+json`; logs what is our fault as an error, all else quietly. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const fault = toAppError(error, request)
  const status = STATUSES[fault.code] ?? 500
  if (status >= 500 && status !== 503) request.log.error({ err: error }, 'request failed')
  else request.log[status === 401 ? 'warn' : 'info']({ code: fault.code, status }, fault.message)
  if (status === 401) void reply.header('www-authenticate', 'Bearer realm="denrei"')
  if (status === 429 || status === 503) void reply.header('retry-after', String(retryAfter(fault)))
  void reply
    .code(status)
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(toProblem(fault, status, request.id)))
}

export function toProblem(fault: AppError, status: number, requestId: string): Problem {
  const { problems, ...details } = fault.details
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code: fault.code,
    detail: fault.message,
    retryable: fault.retryable,
    requestId,
    ...(Array.isArray(problems) ? { problems: problems as Fault[] } : {}),
    ...(Object.keys(details).length > 0 ? { details: details as Problem['details'] } : {}),
  }
}

/** Puts Fastify's own faults among ours. Anything unknown is internal, and its message stays in the log. */
function toAppError(error: unknown, request: FastifyRequest): AppError {
  if (error instanceof AppError) return error.code in STATUSES ? error : internal(request)
  const { code, statusCode } = error as Partial<FastifyError>
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE': {
      const max = request.routeOptions.bodyLimit
      return new BodyTooLarge(`The body is larger than ${max} bytes. Send it in parts.`, { maxBytes: max })
    }
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE': {
      const given = request.headers['content-type'] ?? ''
      return new ContentTypeNotUnderstood(
        `This route does not take the content type "${given}". Send application/json.`,
      )
    }
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return new MalformedJson('The body is empty, but its content type says JSON. Send a JSON value.')
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new MalformedJson('The body has another length than its header says. Send it again.')
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new NoSuchRoute('The path is not well formed.')
    case 'FST_ERR_REOPENED_CLOSE_SERVER':
      return new Stopping('The server is stopping. Send again a little later.')
    case undefined:
    default:
      return statusCode === 404 ? new NoSuchRoute('There is nothing here.') : internal(request)
  }
}

function internal(request: FastifyRequest): AppError {
  return new Internal(`Something failed in the server. The log has it under the request id ${request.id}.`)
}

function retryAfter({ details }: AppError): number {
  const given = details['retryAfterSeconds']
  return typeof given === 'number' ? Math.max(1, Math.ceil(given)) : RETRY_AFTER_S
}
