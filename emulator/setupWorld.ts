import type { EmulatorOptions, NumberOptions } from './options.ts'

/** A number of the set-up world: the digits after the id's stem say which it is. */
const number = (last: number, displayNumber: string, more: Partial<NumberOptions> = {}): NumberOptions => ({
  id: String(106_540_352_243_000 + last),
  displayNumber,
  verifiedName: '伝令商会',
  ...more,
})

const UNREGISTERED = { status: 'DISCONNECTED', platform: 'NOT_APPLICABLE' } as const

/**
 * A business as it is met when it is to be connected: several accounts, and numbers in every state that a number can be in. The app hears of none of
 * them yet.
 */
export const setupWorld = (): SetupWorld => ({
  subscribed: false,
  webhookFields: [],
  name: '伝令商会 本店',
  numbers: [
    number(1, '+81 3-4567-8901', { pin: '123456' }),
    number(2, '+81 3-4567-8902', { ...UNREGISTERED, status: 'PENDING', verified: false, quality: 'UNKNOWN' }),
    number(3, '+81 3-4567-8903', { ...UNREGISTERED, verified: true, pin: '654321' }),
    number(4, '+81 3-4567-8904', { platform: 'ON_PREMISE', status: 'CONNECTED' }),
    number(5, '+81 90-4567-8905', { onBizApp: true }),
    number(6, '+81 3-4567-8906', { status: 'MIGRATED' }),
    number(7, '+81 3-4567-8907', { status: 'BANNED', quality: 'RED' }),
    number(8, '+1 555-567-8908', { nameStatus: 'DECLINED', verifiedName: 'ベスト・プライス', tier: 'TIER_250' }),
    number(9, '+81 90-4567-8909', { ...UNREGISTERED, status: 'PENDING', verified: false, onBizApp: true }),
  ],
  accounts: [
    {
      wabaId: '102290129340401',
      name: '伝令商会 支店',
      subscribed: false,
      numbers: [
        number(11, '+55 11 4567-8911', { verifiedName: 'Denrei Brasil' }),
        number(12, '+91 22 4567 8912', { ...UNREGISTERED, status: 'PENDING', verified: false }),
      ],
    },
    { wabaId: '102290129340402', name: '空のアカウント', subscribed: false, numbers: [] },
    {
      wabaId: '102290129340403',
      name: 'お客様の会社',
      ownership: 'client',
      subscribed: false,
      otherApps: [{ id: '700000000000001', name: 'Another Provider', link: 'https://provider.example/' }],
      numbers: [number(21, '+44 20 4567 8921', { verifiedName: 'Client Ltd' })],
    },
    {
      wabaId: '102290129340404',
      name: '審査中の会社',
      review: 'PENDING',
      subscribed: false,
      numbers: [number(31, '+49 30 4567 8931', { ...UNREGISTERED, nameStatus: 'PENDING_REVIEW' })],
    },
  ],
})

type SetupWorld = Required<Pick<EmulatorOptions, 'subscribed' | 'webhookFields' | 'name' | 'numbers' | 'accounts'>>
