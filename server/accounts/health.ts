import type { Health } from '#actions/whatsapp/setupAnswers.ts'
import type { TroubleCode, Trouble } from '#engine/state.ts'
import type { AccountNews } from '#engine/accountNews.ts'

/**
 * What the codes of a health answer mean. Meta has published two of them (141006, 141014); what is not listed stops everything.
 * Source: Meta, Cloud API, "Messaging and calling health status".
 */
const TROUBLES: Readonly<Record<number, [TroubleCode, Trouble['stops']]>> = {
  141000: ['number_unregistered', 'all'],
  141001: ['number_unregistered', 'all'],
  141002: ['account_restricted', 'all'],
  141003: ['number_restricted', 'all'],
  141006: ['payment_problem', 'paid'],
  141010: ['account_locked', 'all'],
  141014: ['account_banned', 'all'],
}

/** Over as soon as an account answers that it may send. Restrictions for a time are not among them: they stand while it answers. */
const OF_ACCOUNT: TroubleCode[] = [
  'payment_problem',
  'account_locked',
  'account_banned',
  'account_disconnected',
  'policy_blocked',
]
const OF_NUMBER: TroubleCode[] = ['number_unregistered', 'number_restricted']
/** Over as soon as the account answers at all. */
export const ANSWERED: TroubleCode[] = ['token_invalid', 'permission_missing']

/** What a look at the health of an account, or of one of its numbers, tells. */
export function newsOfHealth(health: Health, numberId?: string): AccountNews[] {
  return health.entities.flatMap((entity): AccountNews[] => {
    const ofNumber = entity.entity_type === 'PHONE_NUMBER'
    if (!ofNumber && entity.entity_type !== 'WABA' && entity.entity_type !== 'BUSINESS') return []
    const about = ofNumber ? { numberId: numberId ?? entity.id } : {}
    if (entity.can_send_message !== 'BLOCKED') {
      // A business says nothing of what the account itself is stopped for.
      if (entity.entity_type === 'BUSINESS') return []
      return [{ about: 'mended', ...about, codes: ofNumber ? OF_NUMBER : OF_ACCOUNT }]
    }
    const errors = entity.errors ?? [
      { error_code: undefined, error_description: entity.additional_info?.join(' ') ?? '' },
    ]
    const found = errors.map(({ error_code: code, error_description: detail }) => {
      const [trouble, stops] = TROUBLES[code ?? 0] ?? [
        ofNumber ? 'number_restricted' : 'account_restricted',
        'all' as const,
      ]
      return { code: trouble, stops, detail } satisfies Pick<Trouble, 'code' | 'stops' | 'detail'>
    })
    const standing = new Set(found.map(({ code }) => code))
    const over = (ofNumber ? OF_NUMBER : OF_ACCOUNT).filter((code) => !standing.has(code))
    return [
      ...found.map((trouble): AccountNews => ({ about: 'trouble', ...about, trouble: { ...trouble, until: null } })),
      { about: 'mended', ...about, codes: over },
    ]
  })
}
