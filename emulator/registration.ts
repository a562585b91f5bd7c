import type { AccountState } from './accountState.ts'
import { GraphError } from './graphError.ts'
import type { NumberOptions } from './options.ts'
import type { Random } from './random.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** Codes a number may be sent in an hour, wrong ones that may be entered, and how long one is good. The emulator's own bounds: Meta tells none. */
const CODES_MAX = 5
const CODE_TRIES_MAX = 5
const CODE_MS = 10 * MINUTE_MS
const PIN_TRIES_MAX = 5
/** Source: Meta, Cloud API, "Error codes" (133016): 10 registrations and deregistrations in 72 hours. */
const REGISTRATIONS_MAX = 10
const REGISTRATION_SPAN_MS = 72 * HOUR_MS

/** A verification code on its way to a business number. */
export interface SentCode {
  numberId: string
  displayNumber: string
  method: 'SMS' | 'VOICE'
  language: string
  code: string
  sentAt: number
  expiresAt: number
  wrong: number
}

interface Record {
  code: SentCode | null
  codesAt: number[]
  pinWrong: number
  pinBlockedUntil: number
  registrationsAt: number[]
}

export interface RegistrationSource {
  now: () => number
  random: Random
  state: AccountState
  tell(field: string, value: object): void
}

/** How a number comes onto the Cloud API: a code is sent and entered, then it is registered with its PIN. */
export class Registrations {
  private readonly records = new Map<string, Record>()
  private readonly source: RegistrationSource

  constructor(source: RegistrationSource) {
    this.source = source
  }

  /** The latest code of each number, for who would hold the phone. */
  codes(): SentCode[] {
    return [...this.records.values()].flatMap(({ code }) => (code === null ? [] : [code]))
  }

  /** @throws GraphError 136024, 100 */
  requestCode(number: NumberOptions, method: unknown, language: unknown): void {
    if (method !== 'SMS' && method !== 'VOICE') throw new GraphError(100, 'Param code_method must be SMS or VOICE.')
    if (typeof language !== 'string' || !/^[a-z]{2,3}(_[A-Z]{2})?$/.test(language)) {
      throw new GraphError(100, 'Param language must be a language code such as en_US.')
    }
    const refuse = (title: string, details: string): GraphError =>
      new GraphError(136024, details, { message: `(#136024) Request code error`, userTitle: title })
    if (number.verified !== false) throw refuse('Already verified', 'The phone number is verified already.')
    if (number.onBizApp === true)
      throw refuse('In use', 'The phone number is used in the WhatsApp app. Delete that account first.')
    const now = this.source.now()
    const record = this.recordOf(number)
    record.codesAt = record.codesAt.filter((at) => at > now - HOUR_MS)
    if (record.codesAt.length >= CODES_MAX)
      throw refuse('Too many attempts', 'Too many codes were requested. Try again in an hour.')
    record.codesAt.push(now)
    record.code = {
      numberId: number.id,
      displayNumber: number.displayNumber,
      method,
      language,
      code: String(Math.floor(this.source.random.next() * 1_000_000)).padStart(6, '0'),
      sentAt: now,
      expiresAt: now + CODE_MS,
      wrong: 0,
    }
  }

  /** @throws GraphError 136025 wrong, too old, or too many wrong ones; 100 for no code */
  verifyCode(number: NumberOptions, given: unknown): void {
    if (typeof given !== 'string' || given === '') throw new GraphError(100, 'The parameter code is required.')
    const record = this.recordOf(number)
    const sent = record.code
    const refuse = (title: string, details: string): GraphError =>
      new GraphError(136025, details, { message: '(#136025) Verify code error', userTitle: title })
    if (sent === null || this.source.now() >= sent.expiresAt)
      throw refuse('Code expired', 'There is no valid code for this number. Request a new one.')
    if (sent.wrong >= CODE_TRIES_MAX)
      throw refuse('Too many attempts', 'Too many wrong codes were entered. Request a new one.')
    if (given.replace(/[\s-]/g, '') !== sent.code) {
      sent.wrong++
      throw refuse("Code couldn't be verified", 'The code you entered is incorrect.')
    }
    record.code = null
    number.verified = true
  }

  /** @param migrates whether the caller brings the backup of an On-Premises number. @throws GraphError 133005 … 133016, 100 */
  register(number: NumberOptions, pin: unknown, migrates: boolean): void {
    checkPin(pin)
    const record = this.recordOf(number)
    this.countRegistration(record)
    const { status } = number
    if (status === 'BANNED') throw new GraphError(368, 'The phone number is banned.')
    if (status === 'MIGRATED') throw new GraphError(133015, 'The phone number is being moved to another account.')
    if (number.onBizApp === true)
      throw new GraphError(100, 'A number that is used in the WhatsApp Business app too is not registered by the API.')
    if (number.platform === 'ON_PREMISE' && !migrates)
      throw new GraphError(100, 'The number is on the On-Premises API. Move it with the parameter backup.')
    if (number.verified === false) throw new GraphError(133006, 'Verify the phone number before registering it.')
    this.checkPinOf(number, record, pin)
    number.pin = pin
    number.status = 'CONNECTED'
    number.platform = 'CLOUD_API'
    this.source.tell('phone_number_quality_update', {
      display_phone_number: number.displayNumber.replace(/\D/g, ''),
      event: 'ONBOARDING',
      current_limit: number.tier ?? 'TIER_UNLIMITED',
      max_daily_conversations_per_business: number.tier ?? 'TIER_UNLIMITED',
    })
  }

  /** @throws GraphError 133010 not registered, 100 for a number of the app, 133016 */
  deregister(number: NumberOptions): void {
    if (number.onBizApp === true)
      throw new GraphError(100, 'A number that is used in the WhatsApp Business app too cannot be deregistered.')
    if ((number.status ?? 'CONNECTED') !== 'CONNECTED')
      throw new GraphError(133010, 'The phone number is not registered.')
    this.countRegistration(this.recordOf(number))
    number.status = 'DISCONNECTED'
  }

  /** Sets the PIN of the two-step verification, whatever it was. @throws GraphError 100 */
  setPin(number: NumberOptions, pin: unknown): void {
    checkPin(pin)
    number.pin = pin
    this.recordOf(number).pinWrong = 0
    this.source.tell('security', {
      display_phone_number: number.displayNumber.replace(/\D/g, ''),
      event: 'PIN_CHANGED',
      requester: '61555822107539',
    })
  }

  private checkPinOf(number: NumberOptions, record: Record, pin: string): void {
    const now = this.source.now()
    if (now < record.pinBlockedUntil) {
      const minutes = Math.ceil((record.pinBlockedUntil - now) / MINUTE_MS)
      throw new GraphError(133008, `Too many wrong PINs. Try again in ${minutes} minutes.`)
    }
    if (number.pin === undefined || number.pin === null || number.pin === pin) {
      record.pinWrong = 0
      return
    }
    record.pinWrong++
    if (record.pinWrong >= PIN_TRIES_MAX) {
      record.pinWrong = 0
      record.pinBlockedUntil = now + HOUR_MS
      throw new GraphError(133008, 'Too many wrong PINs. Try again in 60 minutes.')
    }
    throw new GraphError(133005, 'The PIN is not that of the two-step verification of this number.')
  }

  private countRegistration(record: Record): void {
    const now = this.source.now()
    record.registrationsAt = record.registrationsAt.filter((at) => at > now - REGISTRATION_SPAN_MS)
    if (record.registrationsAt.length >= REGISTRATIONS_MAX) {
      throw new GraphError(133016, 'Registered and deregistered 10 times in 72 hours. Try again after that.')
    }
    record.registrationsAt.push(now)
  }

  private recordOf({ id }: NumberOptions): Record {
    let record = this.records.get(id)
    if (record === undefined) {
      record = { code: null, codesAt: [], pinWrong: 0, pinBlockedUntil: 0, registrationsAt: [] }
      this.records.set(id, record)
    }
    return record
  }
}

function checkPin(pin: unknown): asserts pin is string {
  if (typeof pin === 'string' && /^\d{6}$/.test(pin)) return
  throw new GraphError(100, 'Param pin must be a string of 6 digits.')
}
