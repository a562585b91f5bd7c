import { inForce, monthOf } from '#engine/calendar.ts'
import type { Instant } from '#engine/clock.ts'
import { POLICIES } from '#engine/data/policies.ts'
import { addDuration } from '#engine/duration.ts'
import type { SendFacts } from '#engine/facts.ts'
import type { Category, SendIntent } from '#engine/message.ts'
import { stateKey, type Contact, type NumberState } from '#engine/state.ts'
import type { Account } from './account.ts'
import type { Accounts } from './accounts.ts'
import type { Contacts } from './contacts.ts'
import type { Documents } from './documents.ts'
import type { Ledger } from './ledger.ts'
import { portfolioOf, type Reach } from './reach.ts'
import { serviceTally } from './serviceTally.ts'
import type { Session } from './session.ts'
import type { Suppressed } from './suppressed.ts'

/** A conversation runs for so long from its first delivery. Source: Meta, WhatsApp Business Platform, "Conversation-based pricing". */
const CONVERSATION_MS = 24 * 60 * 60_000

interface SendFactsParts {
  account: Account
  accounts: Accounts
  contacts: Contacts
  documents: Documents
  ledger: Ledger
  reach: Reach
  suppressed: Suppressed
}

/** What the guards look at, read for the forecast and again at the claim. */
export type SendFactsReader = ReturnType<typeof createSendFacts>

export function createSendFacts(
  { db, tallies }: Session,
  { account, accounts, contacts, documents, ledger, reach, suppressed }: SendFactsParts,
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
  // What opened one was paid; what goes on in it is free. There is no index for it: a person has few messages.
  const opened = db
    .prepare<[string, string, Instant], Category>(
      `SELECT DISTINCT category FROM outbox INDEXED BY outboxContact WHERE contactId = ? AND lane = ? AND holdState = 'captured'
         AND coalesce(deliveredAt, readAt) > ?`,
    )
    .pluck()

  const claimedAt = (which: typeof marketing, contact: Contact | null, since: Instant | null): Instant[] =>
    contact === null || since === null ? [] : which.all(contact.id, since).sort((a, b) => b - a)

  /** What is the same for all messages of a number. */
  function ofNumber(number: NumberState | null, now: Instant) {
    const { timezone } = account.settings()
    const own = number === null ? null : (accounts.all().get(number.accountId) ?? null)
    const zone = own?.zone ?? timezone
    const portfolio = portfolioOf(number?.accountId ?? null, own)
    const facts = {
      number,
      account: own,
      ...reach.of(portfolio, now),
      serviceThisMonth: number === null ? 0 : Math.max(0, tallies.get(serviceTally(number.id, monthOf(now, zone)))),
    }
    return { facts, portfolio, byConversation: inForce(POLICIES, now, zone).policy === 'conversation' }
  }

  function openConversations(numberId: string | null, contact: Contact | null, now: Instant) {
    if (numberId === null || contact === null) return {}
    return Object.fromEntries(opened.all(contact.id, numberId, now - CONVERSATION_MS).map((one) => [one, true]))
  }

  const written = db
    .prepare<[string, string, Instant], Instant | null>(
      'SELECT max(claimedAt) FROM outbox INDEXED BY outboxContact WHERE contactId = ? AND lane = ? AND claimedAt > ?',
    )
    .pluck()

  return {
    /** @param wanted with the contact when it is known already */
    read(
      wanted: { intent: SendIntent; contactId: string | null }[],
      now: Instant,
      writtenSince: Instant | null = null,
    ): SendFacts[] {
      const settings = account.settings()
      const templates = account.templates()
      const numbers = new Map(account.numbers().map((one) => [one.id, one]))
      const byNumber = new Map<string | null, ReturnType<typeof ofNumber>>()
      const sharedOf = (numberId: string | null) => {
        const known =
          byNumber.get(numberId) ?? ofNumber((numberId === null ? null : numbers.get(numberId)) ?? null, now)
        byNumber.set(numberId, known)
        return known
      }
      const shared = { now, settings, availableMicros: ledger.balance().available, cards: documents.cards() }
      const cap = settings.frequencyCap
      const capSince = cap === null ? null : addDuration(now, `-${cap.per}`, settings.timezone)
      const journeysSince = ({ frequencyCap: own }: SendIntent) =>
        own === undefined ? null : addDuration(now, `-${own.per}`, settings.timezone)

      return wanted.map(({ intent, contactId }) => {
        const { numberId } = intent
        const { facts, portfolio, byConversation } = sharedOf(numberId)
        const id = contactId ?? contacts.find(intent.to)
        const contact = id === null ? null : contacts.byId(id)
        const lastWrittenAt = (since: Instant) => {
          const keys = [reachKey(intent, null), ...(contact === null ? [] : [contact.id])]
          const outside = keys.map((who) => reach.lastAt(portfolio, who) ?? 0)
          const claimed = contact === null || numberId === null ? null : written.get(contact.id, numberId, since)
          const at = Math.max(claimed ?? 0, ...outside)
          return at > since ? at : null
        }
        return {
          ...shared,
          ...facts,
          contact,
          suppressed: suppressed.has(intent.to, contact),
          conversation: contact === null || numberId === null ? null : contacts.conversation(numberId, contact.id),
          conversationOpen: byConversation ? openConversations(numberId, contact, now) : null,
          template: intent.template === null ? null : (templates.get(stateKey(intent.template)) ?? null),
          recentMarketingAt: claimedAt(marketing, contact, capSince),
          recentJourneyAt: claimedAt(ofJourneys, contact, journeysSince(intent)),
          ...(writtenSince !== null && { writtenAt: lastWrittenAt(writtenSince) }),
          reachedAlready: reach.has(portfolio, reachKey(intent, contact?.id ?? null), now),
        }
      })
    },
    /** Forgets whom the limit of this number's portfolio counts no more. */
    forgetReached(facts: SendFacts): void {
      reach.forget(portfolioOf(facts.number?.accountId ?? null, facts.account), facts.now)
    },
    /** Notes a person written to outside a window. */
    reached({ intent, contactId }: { intent: SendIntent; contactId: string | null }, facts: SendFacts): void {
      const portfolio = portfolioOf(facts.number?.accountId ?? null, facts.account)
      reach.note(portfolio, reachKey(intent, contactId), facts.now)
    },
  }
}

/** Who is reached: the contact, or the address while there is none. */
function reachKey({ to }: SendIntent, contactId: string | null): string {
  return contactId ?? to.bsuid ?? to.phone ?? to.raw
}
