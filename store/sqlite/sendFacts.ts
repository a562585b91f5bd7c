import type { Instant } from '#engine/clock.ts'
import { addDuration } from '#engine/duration.ts'
import type { SendFacts } from '#engine/facts.ts'
import type { SendIntent } from '#engine/message.ts'
import { stateKey, type Contact } from '#engine/state.ts'
import type { Account } from './account.ts'
import type { Accounts } from './accounts.ts'
import type { Contacts } from './contacts.ts'
import type { Documents } from './documents.ts'
import type { Ledger } from './ledger.ts'
import type { Session } from './session.ts'

/** The reach limit counts the people of a moving day. Source: Meta, WhatsApp Business Platform, "Messaging limits". */
const REACH_MS = 24 * 60 * 60_000

interface SendFactsParts {
  account: Account
  accounts: Accounts
  contacts: Contacts
  documents: Documents
  ledger: Ledger
}

/** What the guards look at, read for the forecast and again at the claim. */
export type SendFactsReader = ReturnType<typeof createSendFacts>

export function createSendFacts(
  { db, tallies }: Session,
  { account, accounts, contacts, documents, ledger }: SendFactsParts,
) {
  // A message that was given up may have arrived: its answer was lost, and no status came in time. Sorted by us: ORDER BY beside a
  // parameter makes SQLite plan the statement anew for every value.
  const claimedOf = (index: string, which: string) =>
    db
      .prepare<[string, Instant], Instant>(
        `SELECT claimedAt FROM outbox INDEXED BY ${index} WHERE contactId = ? AND claimedAt > ? AND ${which}
           AND state IN ('sending', 'unknown', 'accepted', 'sent', 'delivered', 'read', 'gave_up')`,
      )
      .pluck()
  const marketing = claimedOf('outboxMarketing', "category = 'MARKETING'")
  const ofJourneys = claimedOf('outboxJourney', 'instanceId IS NOT NULL')
  const lastReached = db.prepare<[string], Instant>('SELECT lastAt FROM reach WHERE who = ?').pluck()
  const gone = db.prepare<[Instant], number>('SELECT count(*) FROM reach WHERE lastAt <= ?').pluck()
  const oldest = db.prepare<[Instant], Instant | null>('SELECT min(lastAt) FROM reach WHERE lastAt > ?').pluck()
  const addReach = db.prepare<[string, Instant]>('INSERT INTO reach (who, lastAt) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const moveReach = db.prepare<[Instant, string]>('UPDATE reach SET lastAt = max(lastAt, ?) WHERE who = ?')
  const dropReach = db.prepare<[Instant]>('DELETE FROM reach WHERE lastAt <= ?')

  const claimedAt = (which: typeof marketing, contact: Contact | null, since: Instant | null): Instant[] =>
    contact === null || since === null ? [] : which.all(contact.id, since).sort((a, b) => b - a)

  return {
    /** @param wanted with the contact when it is known already */
    read(wanted: { intent: SendIntent; contactId: string | null }[], now: Instant): SendFacts[] {
      const settings = account.settings()
      const templates = account.templates()
      const numbers = new Map(account.numbers().map((one) => [one.id, one]))
      const since = now - REACH_MS
      const shared = {
        now,
        settings,
        reached: tallies.get('reach') - (gone.get(since) ?? 0),
        oldestReachedAt: oldest.get(since) ?? null,
        availableMicros: ledger.balance().available,
        cards: documents.cards(),
      }
      const cap = settings.frequencyCap
      const capSince = cap === null ? null : addDuration(now, `-${cap.per}`, settings.timezone)
      const journeysSince = ({ frequencyCap: own }: SendIntent) =>
        own === undefined ? null : addDuration(now, `-${own.per}`, settings.timezone)

      return wanted.map(({ intent, contactId }) => {
        const id = contactId ?? contacts.find(intent.to)
        const contact = id === null ? null : contacts.byId(id)
        const number = intent.numberId === null ? null : (numbers.get(intent.numberId) ?? null)
        return {
          ...shared,
          number,
          account: number === null ? null : (accounts.all().get(number.accountId) ?? null),
          contact,
          suppressed: false,
          serviceThisMonth: 0,
          conversationOpen: null,
          conversation:
            contact === null || intent.numberId === null ? null : contacts.conversation(intent.numberId, contact.id),
          template: intent.template === null ? null : (templates.get(stateKey(intent.template)) ?? null),
          recentMarketingAt: claimedAt(marketing, contact, capSince),
          recentJourneyAt: claimedAt(ofJourneys, contact, journeysSince(intent)),
          reachedAlready: (lastReached.get(reachKey(intent, contact?.id ?? null)) ?? 0) > since,
        }
      })
    },
    /** Forgets whom the limit counts no more. */
    forgetReached(now: Instant): void {
      tallies.add('reach', -dropReach.run(now - REACH_MS).changes)
    },
    /** Notes a person written to outside a window. */
    reached(intent: SendIntent, contactId: string | null, now: Instant): void {
      const who = reachKey(intent, contactId)
      if (addReach.run(who, now).changes === 1) tallies.add('reach', 1)
      else moveReach.run(now, who)
    },
  }
}

/** Who is reached: the contact, or the address while there is none. */
function reachKey({ to }: SendIntent, contactId: string | null): string {
  return contactId ?? to.bsuid ?? to.phone ?? to.raw
}
