import type { StepView } from '#server/setup/view.ts'
import { say, type Language } from '../texts.ts'
import { intakeOf } from './answers.ts'

/** How a person is asked. */
export interface Asker {
  text(message: string, options?: { secret?: boolean; fallback?: string }): Promise<string>
  choose(message: string, choices: { name: string; value: string; disabled?: string }[]): Promise<string>
}

/** On a terminal. Secrets are typed unseen. */
export async function terminalAsker(): Promise<Asker> {
  const { input, password, select } = await import('@inquirer/prompts')
  return {
    text: (message, { secret = false, fallback } = {}) =>
      secret
        ? password({ message, mask: '*' })
        : input({ message, ...(fallback !== undefined && { default: fallback }) }),
    choose: (message, choices) =>
      select({
        message,
        choices: choices.map(({ disabled, ...one }) => ({ ...one, ...(disabled !== undefined && { disabled }) })),
      }),
  }
}

const ADD = '+'
const SKIP = '-'

/** Asks for what a step waits for. @returns the body of the step */
export async function askFor(view: StepView, asker: Asker, language: Language): Promise<object> {
  const t = (key: Parameters<typeof say>[1]) => say(language, key)
  switch (view.step) {
    case 'app':
      return {
        appId: (await asker.text(t('askAppId'))).trim(),
        appSecret: (await asker.text(t('askAppSecret'), { secret: true })).trim(),
      }
    case 'access':
      return { token: (await asker.text(t('askToken'), { secret: true })).trim() }
    case 'business': {
      const chosen = await asker.choose(view.title, [...choicesOf(view), { name: t('askSkip'), value: SKIP }])
      return chosen === SKIP ? { skip: true } : { businessId: chosen }
    }
    case 'account':
      return { accountId: await asker.choose(view.title, choicesOf(view)) }
    case 'number': {
      const chosen = await asker.choose(view.title, [...choicesOf(view), { name: t('askAdd'), value: ADD }])
      if (chosen !== ADD) return { numberId: chosen }
      return {
        add: { phone: await asker.text(t('askPhone')), verifiedName: await asker.text(t('askVerifiedName')) },
      }
    }
    case 'verify': {
      if (view.missing.includes('code')) {
        const code = (await asker.text(t('askCode'))).trim()
        // Nothing typed: another code, perhaps by another way.
        if (code !== '') return { code }
      }
      const method = await asker.choose(t('askMethod'), [
        { name: 'SMS', value: 'SMS' },
        { name: t('askCall'), value: 'VOICE' },
      ])
      return { method, language: language === 'ja' ? 'ja' : 'en_US' }
    }
    case 'register':
      return { pin: (await asker.text(t('askPin'), { secret: true })).trim() }
    case 'profile':
      return { nickname: await asker.text(t('askNickname')) }
    case 'people': {
      const registerAs = await asker.choose(t('askRegisterAs'), [
        { name: t('askLeads'), value: 'Leads' },
        { name: t('askContacts'), value: 'Contacts' },
        { name: t('askNowhere'), value: 'none' },
      ])
      const assign = (await asker.text(t('askAssign'), { fallback: '' })).trim()
      return intakeOf(registerAs, assign === '' ? undefined : assign)
    }
    case 'webhook': {
      if (view.problem?.code !== 'webhook_elsewhere') return {}
      const chosen = await asker.choose(t('askReplace'), [
        { name: t('askReplaceNot'), value: SKIP },
        { name: t('askReplaceYes'), value: ADD },
      ])
      return chosen === ADD ? { replace: true } : {}
    }
    case 'active':
      return {}
  }
}

function choicesOf({ choices }: StepView): { name: string; value: string; disabled?: string }[] {
  return (choices ?? []).map(({ id, label, reasons, notes }) => ({
    name: notes.length === 0 ? label : `${label} (${notes.map(({ text }) => text).join(' ')})`,
    value: id,
    ...(reasons.length > 0 && { disabled: reasons.map(({ text }) => text).join(' ') }),
  }))
}
