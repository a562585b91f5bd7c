import assert from 'node:assert/strict'
import type { Instant } from '#engine/clock.ts'
import type { Change, Decision } from '#engine/decision.ts'
import type { CommitOutcome } from '#engine/store.ts'
import type { Account } from './account.ts'
import type { Accounts } from './accounts.ts'
import type { Broadcasts } from './broadcasts.ts'
import type { Consents } from './consents.ts'
import type { Contacts } from './contacts.ts'
import type { Counters } from './counters.ts'
import type { Entries } from './entries.ts'
import type { Erasure } from './erasure.ts'
import type { Inbox, Place } from './inbox.ts'
import type { Instances, Put } from './instances.ts'
import type { Ledger } from './ledger.ts'
import type { Notes } from './notes.ts'
import type { Outbox } from './outbox.ts'
import type { Parking } from './parking.ts'
import type { Paused } from './paused.ts'
import type { Purchases } from './purchases.ts'
import type { Releases } from './releases.ts'
import type { Records } from './records.ts'
import { movedSince } from './revisions.ts'
import type { Talks } from './talks.ts'
import type { Timers } from './timers.ts'

interface Parts {
  account: Account
  accounts: Accounts
  broadcasts: Broadcasts
  consents: Consents
  contacts: Contacts
  counters: Counters
  entries: Entries
  erasure: Erasure
  inbox: Inbox
  instances: Instances
  ledger: Ledger
  notes: Notes
  outbox: Outbox
  parking: Parking
  paused: Paused
  purchases: Purchases
  release: Releases
  records: Records
  talks: Talks
  timers: Timers
}

/** The decision that a change belongs to. */
interface Context {
  puts: Map<string, Put[]>
  place: Place
  decidedAt: Instant
  newId: () => string
}

/** Applies decisions, in order. Runs inside the caller's transaction. */
export function createCommit(parts: Parts) {
  const { account, consents, contacts, counters, inbox, ledger, notes, outbox, parking, records, talks, timers } = parts
  const { accounts, broadcasts, erasure, instances, paused, purchases, release } = parts

  function apply(change: Change, { puts, place, decidedAt, newId }: Context): void {
    switch (change.kind) {
      case 'putRecord':
        return records.put(change)
      case 'ruleRan':
        return records.ran(change)
      case 'enqueue':
        return outbox.enqueue(change)
      case 'timer':
        return timers.start(change.timer)
      case 'cancelTimers':
        return timers.cancel(change)
      case 'pause':
        return paused.pause(change)
      case 'resume':
        paused.resume(change.definition)
        return timers.resume(change)
      case 'putInstance':
        return instances.put(change, puts)
      case 'putBroadcast':
        return broadcasts.put(change)
      case 'accept':
        return inbox.follow(newId(), change.event, change.at)
      case 'putContact':
        return contacts.save(change.contact)
      case 'mergeContacts':
        return contacts.merge(change.from, change.into)
      case 'inbound':
        return talks.inbound(change)
      case 'moveMessage':
        return outbox.move(change.move, change.at, decidedAt)
      case 'post':
        return ledger.post(change.postings)
      case 'putTemplate':
        return account.saveTemplates([change.template])
      case 'putAccount':
        return accounts.save([change.account], change.account.updatedAt)
      case 'putNumber':
        if (account.putNumber(change.number)) outbox.lookAnew(['reach_limit'], decidedAt)
        return
      case 'putPurchase':
        return purchases.put(change.purchase)
      case 'noteConsent':
        return consents.note({ ...change.entry, contactId: contacts.current(change.entry.contactId) })
      case 'freeUntil':
        return contacts.freeUntil(change.numberId, change.contactId, change.until)
      case 'erase':
        return erasure.erase(change, place.seq)
      case 'forgetEvent':
        return erasure.forgetEvent(place.seq)
      case 'release':
        return release(change)
      case 'notify':
        return notes.notify(change)
      case 'parkStatus':
        return parking.park(change.wamid, change.event, change.at, newId)
      case 'count':
        return counters.put(change.counter, change.value)
      case 'keep':
        return notes.keep(change.field, change.value, change.at)
      default:
        throw new TypeError(`Unknown change: ${(change satisfies never as Change).kind}`)
    }
  }

  /** A decision whose trigger is done was applied before, and applying it again would do everything twice. */
  function undone(decisions: Decision[]): { decision: Decision; place: Place }[] {
    return decisions.flatMap((decision) => {
      const place = inbox.place(decision.triggerId)
      assert(place, `a decision was made for trigger ${decision.triggerId}, which is not in the inbox`)
      return place.state === 'done' ? [] : [{ decision, place }]
    })
  }

  /**
   * Whether the decisions take more than is available by now: a claim has set credits aside since they were loaded. Which
   * of them would have to take less is the deciders' business.
   */
  function overdraws(changes: Change[]): boolean {
    const sums = changes.flatMap((change) => {
      if (change.kind !== 'post') return []
      const own = change.postings.filter(({ account }) => account === 'available')
      return [own.reduce((sum, { amountMicros }) => sum + amountMicros, 0)]
    })
    if (sums.every((sum) => sum >= 0)) return false
    let { available } = ledger.balance()
    return sums.some((sum) => (available += sum) < 0)
  }

  return function commit(
    decisions: Decision[],
    revisions: Map<string, number>,
    now: Instant,
    newId: () => string,
  ): CommitOutcome {
    const fresh = undone(decisions)
    if (fresh.length === 0) return { kind: 'committed' }
    const keys = movedSince(revisions, parts)
    if (keys.length > 0) return { kind: 'conflict', keys }
    if (overdraws(fresh.flatMap(({ decision }) => decision.changes))) return { kind: 'conflict', keys: ['available'] }
    for (const { decision, place } of fresh) {
      const puts = Map.groupBy(decision.changes.filter(isPut), ({ instance }) => instance.id)
      const context = { puts, place, decidedAt: decision.trace.at, newId }
      for (const change of decision.changes) apply(change, context)
      inbox.done(place, now)
      notes.trace(place.seq, decision.trace)
    }
    return { kind: 'committed' }
  }
}

function isPut(change: Change): change is Put {
  return change.kind === 'putInstance'
}
