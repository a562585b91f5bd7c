import type { Random } from '#emulator/random.ts'

/** Somebody a record may be about. */
export interface Person {
  name: string
  mobile: string
  zone: string | null
  language: string | null
  consent: boolean | null
}

const NAMES = ['田中', '佐藤 花子', 'Müller', 'Silva', '髙橋', 'José', '김', '𠮷野', "O'Brien", 'ﾔﾏﾀﾞ']
/** Mobile numbers up to the last four digits, which tell the emulator what is to happen. */
const COUNTRIES: readonly ((two: string) => string)[] = [
  (two) => `+819012${two}`,
  (two) => `+818034${two}`,
  (two) => `+91987${two}6`,
  (two) => `+551198${two}5`,
  (two) => `+447911${two}`,
  (two) => `+491512${two}5`,
  (two) => `+52551${two}5`,
  (two) => `+12127${two}`,
  (two) => `+549112${two}5`,
]
/** See the emulator's table: silence, no delivery, delivery refuted, refusals, opt-outs, quality assessment. */
const MAGIC = ['0109', '0101', '0103', '0104', '0050', '0049', '0107', '0108', '0102', '0026', '0100']
const INVALID = ['', '電話なし', '12345', '+81', '090-0000']
const ZONES = ['Asia/Tokyo', 'Asia/Kolkata', 'America/Sao_Paulo', 'Europe/London', 'Pacific/Auckland', 'Nowhere/Land']

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random.next() * list.length)] as T
}

export function somePeople(random: Random, count: number): Person[] {
  return Array.from({ length: count }, (_, index) => {
    const end = random.chance(0.3) ? pick(random, MAGIC) : String(5000 + index)
    const number = pick(random, COUNTRIES)(String(10 + (index % 90))) + end
    const mobile = random.chance(0.08) ? pick(random, INVALID) : number
    return {
      name: pick(random, NAMES),
      mobile,
      zone: random.chance(0.6) ? pick(random, ZONES) : null,
      language: random.chance(0.5) ? pick(random, ['ja', 'en', 'pt_BR']) : null,
      consent: random.chance(0.2) ? random.chance(0.7) : null,
    }
  })
}
