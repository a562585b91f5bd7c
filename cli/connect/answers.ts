import type { StepView } from '#server/setup/view.ts'

/** What a script says in advance. Secrets come from the environment alone: arguments are seen by every user of the machine. */
export interface ConnectOptions {
  url?: string
  setup?: string
  new?: boolean
  appId?: string
  business?: string
  account?: string
  number?: string
  addNumber?: string
  verifiedName?: string
  method?: string
  codeLanguage?: string
  code?: string
  nickname?: string
  registerAs?: string
  assign?: string
  replaceWebhook?: boolean
  emulator?: boolean
  db?: string
}

type Env = Readonly<Record<string, string | undefined>>

/** Where each answer comes from, for whoever is told that one is missing. */
export const SOURCES: Record<StepView['step'], string[]> = {
  app: ['--app-id', 'DENREI_CONNECT_APP_SECRET'],
  access: ['DENREI_CONNECT_TOKEN'],
  business: ['--business'],
  account: ['--account'],
  number: ['--number', '--add-number'],
  verify: ['--method', '--code'],
  register: ['DENREI_CONNECT_PIN'],
  webhook: ['--replace-webhook'],
  profile: ['--nickname'],
  people: ['--register-as'],
  active: [],
}

/** What was said in advance for a step; null when it is not enough. */
export function answerFor({ step, missing }: StepView, options: ConnectOptions, env: Env): object | null {
  switch (step) {
    case 'app': {
      const appId = options.appId ?? given(env, 'DENREI_CONNECT_APP_ID')
      const appSecret = given(env, 'DENREI_CONNECT_APP_SECRET')
      const verifyToken = given(env, 'DENREI_CONNECT_VERIFY_TOKEN')
      if (appId === undefined || appSecret === undefined) return null
      return { appId, appSecret, ...(verifyToken !== undefined && { verifyToken }) }
    }
    case 'access': {
      const [code, token] = [given(env, 'DENREI_CONNECT_CODE'), given(env, 'DENREI_CONNECT_TOKEN')]
      if (token !== undefined) return { token }
      return code === undefined ? null : { code }
    }
    case 'business':
      return options.business === undefined
        ? null
        : options.business === 'skip'
          ? { skip: true }
          : { businessId: options.business }
    case 'account':
      return options.account === undefined ? null : { accountId: options.account }
    case 'number': {
      const { number, addNumber: phone, verifiedName = '' } = options
      if (number !== undefined) return { numberId: number }
      return phone === undefined ? null : { add: { phone, verifiedName } }
    }
    case 'verify':
      if (missing.includes('code')) return options.code === undefined ? null : { code: options.code }
      return options.method === undefined
        ? null
        : { method: options.method, ...(options.codeLanguage !== undefined && { language: options.codeLanguage }) }
    case 'register': {
      const pin = given(env, 'DENREI_CONNECT_PIN')
      return pin === undefined ? null : { pin }
    }
    case 'profile':
      return options.nickname === undefined ? null : { nickname: options.nickname }
    case 'people':
      return options.registerAs === undefined ? null : intakeOf(options.registerAs, options.assign)
    case 'webhook':
      return options.replaceWebhook === true ? { replace: true } : {}
    case 'active':
      return {}
  }
}

/** @param assign `user:U-1,U-2`, `group:G-1` */
export function intakeOf(registerAs: string, assign: string | undefined): object {
  const [kind, ids] = (assign ?? '').split(':')
  return {
    registerAs: registerAs === 'none' ? null : registerAs,
    assignTo: ids === undefined ? null : { kind, ids: ids.split(',').filter((id) => id !== '') },
  }
}

function given(env: Env, name: string): string | undefined {
  const value = env[name]
  return value === undefined || value.trim() === '' ? undefined : value
}
