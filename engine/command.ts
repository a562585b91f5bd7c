import type { Json, Values } from '#definitions/json.ts'
import type { Broadcast } from './instance.ts'

/** Who asks for something: a person, or a program for one. */
export interface Actor {
  user: string
  /** Of the CRM or of Denrei: `sales`, `manager`, `admin`. */
  roles: string[]
  /** The API key of a program that acts for this person, and vouches for the roles. Left out when the key acts for itself. */
  through?: string
}

/** What becomes of the instances at one position when a new version of their definition is there. */
export type Move = { to: 'stay' } | { to: 'exit' } | { to: 'position'; position: string }

export type Command =
  /** Moves a record along a transition of its blueprint, does one of several parallel ones, or saves what is filled in so far. */
  | {
      do: 'transition'
      module: string
      recordId: string
      transition: string
      /** One of the transition's parallel parts. */
      part?: string
      data?: Values
      note?: string
      /** The ticked items. */
      checklist?: string[]
      /** Keep it as a draft and do not move. */
      partial?: boolean
      /** The state that the person saw: another one by now is a refusal, not a surprise. */
      from?: string
    }
  /** Puts records into a journey, whatever its trigger is. `when` and `reentry` hold all the same. */
  | { do: 'enroll'; journey: string; recordIds: string[] }
  /** Takes an instance out. */
  | { do: 'exit'; instanceId: string; reason: string }
  | { do: 'pause'; definition: string }
  /** What became due meanwhile is spread over `spreadMs`. */
  | { do: 'resume'; definition: string; spreadMs: number }
  | {
      do: 'broadcast'
      broadcast: Pick<Broadcast, 'name' | 'definition' | 'startAt' | 'rate'>
      records: { ids: string[] } | { when: Json }
    }
  | { do: 'moveBroadcast'; id: string; to: 'running' | 'paused' | 'cancelled' }
  /**
   * Brings running instances of older versions to the newest, page by page.
   * @param positions by position in the old version; what is not named does as `otherwise` says
   * @param after the last instance of the page before; '' at first
   */
  | {
      do: 'migrate'
      definition: string
      from: number
      to: number
      positions: Record<string, Move>
      otherwise: Move
      after: string
    }
