import type { Instant } from './clock.ts'
import type { Decision } from './decision.ts'
import { decideAccount, decideNotice } from './decide/account.ts'
import { decideCredits, decidePurchase, decideRecharge } from './decide/credits.ts'
import { decidePayment } from './decide/payment.ts'
import { decideErase } from './decide/erase.ts'
import { decideRelease, decideTemplate } from './decide/template.ts'
import { decideCommand } from './decide/command.ts'
import { decideConsent } from './decide/consent.ts'
import { finish, startDraft } from './decide/draft.ts'
import { decideMessage } from './decide/message.ts'
import { decideRecord } from './decide/record.ts'
import { decideSend } from './decide/send.ts'
import { decideOutcome, decideStatus } from './decide/status.ts'
import { decideTimer } from './decide/timer.ts'
import type { DefinitionSet } from './definitionSet.ts'
import { decideDefinition, decideSweep } from './time/sweep.ts'
import type { WorkingSet } from './facts.ts'
import type { Trigger } from './trigger.ts'

/**
 * Decides all that one trigger changes. Pure and synchronous: same input, same output, always.
 *
 * @param known what the store knows about everything the trigger touches; read, never written
 * @param now the instant of the decision, the same for a whole batch
 */
export function decide(trigger: Trigger, known: WorkingSet, definitions: DefinitionSet, now: Instant): Decision {
  const draft = <T extends Trigger>(own: T) => startDraft(own, known, definitions, now)
  switch (trigger.kind) {
    case 'record':
      return finish(decideRecord(draft(trigger)))
    case 'message':
      return finish(decideMessage(draft(trigger)))
    case 'status':
      return finish(decideStatus(draft(trigger)))
    case 'outcome':
      return finish(decideOutcome(draft(trigger)))
    case 'consent':
      return finish(decideConsent(draft(trigger)))
    case 'template':
      return finish(decideTemplate(draft(trigger)))
    case 'account':
      return finish(decideAccount(draft(trigger)))
    case 'notice':
      return finish(decideNotice(draft(trigger)))
    case 'purchase':
      return finish(decidePurchase(draft(trigger)))
    case 'recharge':
      return finish(decideRecharge(draft(trigger)))
    case 'payment':
      return finish(decidePayment(draft(trigger)))
    case 'erase':
      return finish(decideErase(draft(trigger)))
    case 'credits':
      return finish(decideCredits(draft(trigger)))
    case 'release':
      return finish(decideRelease(draft(trigger)))
    case 'send':
      return finish(decideSend(draft(trigger)))
    case 'timer':
      return finish(decideTimer(draft(trigger)))
    case 'command':
      return finish(decideCommand(draft(trigger)))
    case 'definition':
      return finish(decideDefinition(draft(trigger)))
    case 'sweep':
      return finish(decideSweep(draft(trigger)))
    default:
      throw new TypeError(`Unknown trigger kind: ${(trigger satisfies never as Trigger).kind}`)
  }
}
