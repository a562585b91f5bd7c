import type { Json } from '#definitions/json.ts'
import { isZone } from '../calendar.ts'
import { isInstant } from './dates.ts'

/**
 * What a date operator compares with: the value of the condition, and the moment and zone it is looked at in.
 * A class, so that no JSON value can be taken for one.
 */
export class Moment {
  readonly value: Json | undefined
  /** Epoch ms; null when the facts do not say. */
  readonly now: number | null
  /** IANA name; null when the facts name a zone that does not exist. */
  readonly zone: string | null

  constructor(value: Json | undefined, now: Json | undefined, zone: Json | undefined) {
    this.value = value
    this.now = typeof now === 'number' && isInstant(now) ? Math.floor(now) : null
    this.zone = zone === undefined || zone === null ? 'UTC' : typeof zone === 'string' && isZone(zone) ? zone : null
  }

  /** The same moment, another value. */
  with(value: Json | undefined): Moment {
    return new Moment(value, this.now ?? undefined, this.zone ?? '')
  }
}
