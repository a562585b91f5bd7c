import type { Instant } from './clock.ts'
import { knowContact } from './decide/contact.ts'
import { startDraft } from './decide/draft.ts'
import type { Change, Decision } from './decision.ts'
import type { DefinitionSet } from './definitionSet.ts'
import type { WorkingSet } from './facts.ts'
import { checkGuards } from './guards/guards.ts'
import type { SendIntent } from './message.ts'
import { outcomeEvent } from './outcome.ts'
import { stateKey, type Contact } from './state.ts'
import type { Store } from './store.ts'
import type { Trigger } from './trigger.ts'
import { fold } from './workingSet.ts'

type Enqueue = Extract<Change, { kind: 'enqueue' }>

/** Lets the guards say what would happen now, so that a hopeless message is blocked at once and a held one says why. */
export async function forecast(
  store: Store,
  decisions: Decision[],
  known: WorkingSet,
  definitions: DefinitionSet,
  triggers: Trigger[],
  now: Instant,
) {
  const wanted: { change: Enqueue; intent: SendIntent; decision: Decision }[] = []
  for (const decision of decisions) {
    for (const change of decision.changes) {
      if (change.kind === 'enqueue' && change.intent.kind === 'sendTemplate')
        wanted.push({ change, intent: change.intent, decision })
    }
  }
  if (wanted.length === 0) return
  const facts = await store.sendFacts(
    wanted.map(({ intent }) => intent),
    now,
  )
  const byId = new Map(triggers.map((trigger) => [trigger.id, trigger]))
  for (const [index, { change, intent, decision }] of wanted.entries()) {
    const fact = facts[index]
    const trigger = byId.get(decision.triggerId)
    if (fact === undefined || trigger === undefined) throw new TypeError('The store answered facts for other messages.')
    if (fact.contact !== null && !known.contacts.has(fact.contact.id)) learn(known, intent, fact.contact)
    if (intent.to.phone !== undefined || intent.to.bsuid !== undefined) {
      const draft = { ...startDraft(trigger, known, definitions, now), nextId: () => intent.id }
      const contact = knowContact(draft, {
        ...(intent.to.phone && { phone: intent.to.phone }),
        ...(intent.to.bsuid && { bsuid: intent.to.bsuid }),
      })
      if (draft.changes.length > 0) {
        decision.changes.splice(decision.changes.indexOf(change), 0, ...draft.changes)
        fold(known, { ...decision, changes: draft.changes })
      }
      change.contactId = contact.id
      fact.contact = contact
    }
    // What this very batch changed is not in the store yet.
    fact.template = intent.template === null ? null : (known.templates.get(stateKey(intent.template)) ?? null)
    fact.availableMicros = known.availableMicros
    fact.number = known.numbers.find(({ id }) => id === intent.numberId) ?? fact.number
    if (fact.number !== null) fact.account = known.accounts.get(fact.number.accountId) ?? null
    const { verdict, guards } = checkGuards(intent, fact)
    change.verdict = verdict
    change.guards = guards
    if (verdict.kind === 'block') {
      decision.changes.push({ kind: 'accept', at: now, event: outcomeEvent(intent, 'blocked', verdict.reason, now) })
    }
  }
}

/** A contact that nobody of the batch had asked for. */
function learn(known: WorkingSet, intent: SendIntent, contact: Contact) {
  known.contacts.set(contact.id, contact)
  for (const key of [intent.to.phone, intent.to.bsuid, contact.phone, contact.waId, contact.bsuid])
    if (key) known.contactByAddress.set(key, contact.id)
}
