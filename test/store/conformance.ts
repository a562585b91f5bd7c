import { describe } from 'vitest'
import { accountCases } from './conformance/account.ts'
import { aheadCases } from './conformance/ahead.ts'
import { broadcastCases } from './conformance/broadcasts.ts'
import { claimCases } from './conformance/claim.ts'
import { commitCases } from './conformance/commit.ts'
import { consentCases } from './conformance/consents.ts'
import { contactCases } from './conformance/contacts.ts'
import { definitionCases } from './conformance/definitions.ts'
import { eraseCases } from './conformance/erase.ts'
import { fairClaimCases } from './conformance/fairClaim.ts'
import { fallbackCases } from './conformance/fallback.ts'
import { inboxCases } from './conformance/inbox.ts'
import { instanceCases } from './conformance/instances.ts'
import { leaseCases } from './conformance/leases.ts'
import { ledgerCases } from './conformance/ledger.ts'
import { listCases } from './conformance/lists.ts'
import { loadCases } from './conformance/load.ts'
import { openHoldCases } from './conformance/openHolds.ts'
import { pageCases } from './conformance/pages.ts'
import { readCases } from './conformance/reads.ts'
import { sendFactByNumberCases } from './conformance/sendFactsByNumber.ts'
import { sendFactCases } from './conformance/sendFacts.ts'
import { settleCases } from './conformance/settle.ts'
import { statementCases } from './conformance/statement.ts'
import { stepCases } from './conformance/steps.ts'
import { timerCases } from './conformance/timers.ts'
import { togetherCases } from './conformance/together.ts'
import { unheardCases } from './conformance/unheard.ts'
import { wakeCases } from './conformance/wake.ts'
import type { Open } from './world.ts'

/** The true definition of `Store`: whoever passes these cases is one. */
export function storeConformance(name: string, open: Open): void {
  describe(name, () => {
    describe('the inbox', () => inboxCases(open))
    describe('load', () => loadCases(open))
    describe('commit', () => commitCases(open))
    describe('contacts', () => contactCases(open))
    describe('the book of consent', () => consentCases(open))
    describe('erasing a person', () => eraseCases(open))
    describe('facts for the guards', () => sendFactCases(open))
    describe('facts of a number and its account', () => sendFactByNumberCases(open))
    describe('claim', () => claimCases(open))
    describe('the order of a claim', () => fairClaimCases(open))
    describe('what is before a message', () => aheadCases(open))
    describe('leases and lanes', () => leaseCases(open))
    describe('settle', () => settleCases(open))
    describe('steps', () => stepCases(open))
    describe('a text that falls back to its template', () => fallbackCases(open))
    describe('held messages whose wait is over', () => wakeCases(open))
    describe('credits of messages that nobody speaks of any more', () => openHoldCases(open))
    describe('messages that WhatsApp tells nothing more of', () => unheardCases(open))
    describe('the ledger', () => ledgerCases(open))
    describe('the statement', () => statementCases(open))
    describe('instances', () => instanceCases(open))
    describe('pages', () => pageCases(open))
    describe('broadcasts', () => broadcastCases(open))
    describe('timers', () => timerCases(open))
    describe('definitions', () => definitionCases(open))
    describe('settings, templates, numbers', () => accountCases(open))
    describe('asked for at once', () => togetherCases(open))
    describe('lists', () => listCases(open))
    describe('reads', () => readCases(open))
  })
}
