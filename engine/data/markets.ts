/** The name of a market on Meta's rate cards. */
export type Market = (typeof MARKETS)[number]['market']

/**
 * Which calling codes make a market; the longest prefix wins, and what no row names is `Other`. A market that once
 * belonged to a region has `from`, the first day it has a rate of its own, and `before`, the region it left.
 *
 * +1 stands for the area codes of the United States and Canada only: `market.ts` tells them from the Caribbean.
 *
 * Source: Meta, WhatsApp Business Platform, "Pricing", rate cards effective 2026-01-01, 2026-07-01 and 2026-10-01.
 * Kazakhstan shares +7 with Russia; that its share is 76 and 77 is our reading of the numbering plan.
 */
export const MARKETS = [
  { market: 'North America', prefixes: ['1'] },
  { market: 'Argentina', prefixes: ['54'] },
  { market: 'Bangladesh', prefixes: ['880'], from: '2026-10-01', before: 'Rest of Asia Pacific' },
  { market: 'Brazil', prefixes: ['55'] },
  { market: 'Chile', prefixes: ['56'] },
  { market: 'Colombia', prefixes: ['57'] },
  { market: 'Egypt', prefixes: ['20'] },
  { market: 'France', prefixes: ['33'] },
  { market: 'Germany', prefixes: ['49'] },
  { market: 'Hong Kong', prefixes: ['852'], from: '2026-07-01', before: 'Rest of Asia Pacific' },
  { market: 'Hungary', prefixes: ['36'], from: '2026-07-01', before: 'Rest of Central & Eastern Europe' },
  { market: 'India', prefixes: ['91'] },
  { market: 'Indonesia', prefixes: ['62'] },
  { market: 'Iraq', prefixes: ['964'], from: '2026-10-01', before: 'Rest of Middle East' },
  { market: 'Israel', prefixes: ['972'] },
  { market: 'Italy', prefixes: ['39'] },
  { market: 'Kazakhstan', prefixes: ['76', '77'], from: '2026-10-01', before: 'Russia' },
  { market: 'Kuwait', prefixes: ['965'], from: '2026-10-01', before: 'Rest of Middle East' },
  { market: 'Malaysia', prefixes: ['60'] },
  { market: 'Mexico', prefixes: ['52'] },
  { market: 'Morocco', prefixes: ['212'], from: '2026-10-01', before: 'Rest of Africa' },
  { market: 'Nepal', prefixes: ['977'], from: '2026-10-01', before: 'Rest of Asia Pacific' },
  { market: 'Netherlands', prefixes: ['31'] },
  { market: 'Nigeria', prefixes: ['234'] },
  { market: 'Oman', prefixes: ['968'], from: '2026-10-01', before: 'Rest of Middle East' },
  { market: 'Pakistan', prefixes: ['92'] },
  { market: 'Peru', prefixes: ['51'] },
  { market: 'Poland', prefixes: ['48'], from: '2026-07-01', before: 'Rest of Central & Eastern Europe' },
  { market: 'Qatar', prefixes: ['974'], from: '2026-07-01', before: 'Rest of Middle East' },
  { market: 'Romania', prefixes: ['40'], from: '2026-07-01', before: 'Rest of Central & Eastern Europe' },
  { market: 'Russia', prefixes: ['7'] },
  { market: 'Saudi Arabia', prefixes: ['966'] },
  { market: 'Singapore', prefixes: ['65'], from: '2026-07-01', before: 'Rest of Asia Pacific' },
  { market: 'South Africa', prefixes: ['27'] },
  { market: 'Spain', prefixes: ['34'] },
  { market: 'Sri Lanka', prefixes: ['94'], from: '2026-10-01', before: 'Rest of Asia Pacific' },
  { market: 'Turkey', prefixes: ['90'] },
  { market: 'Ukraine', prefixes: ['380'], from: '2026-10-01', before: 'Rest of Central & Eastern Europe' },
  { market: 'United Arab Emirates', prefixes: ['971'] },
  { market: 'United Kingdom', prefixes: ['44'] },
  {
    market: 'Rest of Africa',
    // prettier-ignore
    prefixes: [
      '211', '213', '216', '218', '220', '221', '222', '223', '225', '226', '227', '228', '229', '231', '232', '233', '235',
      '237', '241', '242', '244', '245', '249', '250', '251', '252', '254', '255', '256', '257', '258', '260', '261',
      '263', '264', '265', '266', '267', '268', '291',
    ],
  },
  {
    market: 'Rest of Asia Pacific',
    // prettier-ignore
    prefixes: [
      '61', '63', '64', '66', '81', '84', '86', '93', '675', '855', '856', '886', '976', '992', '993', '998',
    ],
  },
  {
    market: 'Rest of Central & Eastern Europe',
    // prettier-ignore
    prefixes: [
      '30', '355', '359', '370', '371', '373', '374', '375', '381', '385', '386', '389', '420', '421', '994', '995',
    ],
  },
  { market: 'Rest of Western Europe', prefixes: ['32', '41', '43', '45', '46', '47', '351', '353', '358'] },
  {
    market: 'Rest of Latin America',
    // prettier-ignore
    prefixes: [
      '58', '502', '503', '504', '505', '506', '507', '509', '591', '593', '595', '598', '1658', '1787', '1809', '1829',
      '1849', '1876', '1939',
    ],
  },
  { market: 'Rest of Middle East', prefixes: ['961', '962', '967', '973'] },
  { market: 'Other', prefixes: [] },
] as const satisfies readonly { market: string; prefixes: readonly string[]; from?: string; before?: string }[]
