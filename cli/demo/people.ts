import type { Values } from '#definitions/json.ts'
import type { Actor } from '#engine/command.ts'

export const TOKYO = 'Asia/Tokyo'

/** A customer, with the fields that modules of people have. */
export interface Person {
  name: string
  fields: Values & { Mobile: string; Language: string; Time_Zone: string }
}

const person = (name: string, Mobile: string, Language: string, Time_Zone: string): Person => ({
  name,
  fields: { Mobile, Language, Time_Zone, WhatsApp_Opt_In: true },
})

export const hanako = person('山田 花子', '+819012345678', 'ja', TOKYO)
export const olivia = person('Olivia Smith', '+447400123456', 'en', 'Europe/London')
export const ichiro = person('鈴木 一郎', '+819023456789', 'ja', TOKYO)
export const jack = person('Jack Wilson', '+61412345678', 'en', 'Australia/Sydney')
export const kimiko = person('髙橋 紀美子', '+819034567891', 'ja', TOKYO)
export const tanaka = person('田中 誠', '+819045678912', 'ja', TOKYO)
export const emma = person('Emma Brown', '+447400654321', 'en', 'Europe/London')
export const customers = [hanako, olivia, ichiro, jack, kimiko, tanaka, emma]

/** People of the house. */
export const sato: Actor = { user: '佐藤', roles: ['sales'] }
export const ito: Actor = { user: '伊藤', roles: ['logistics'] }
export const legal: Actor = { user: '小林', roles: ['legal'] }
export const finance: Actor = { user: '中村', roles: ['finance'] }
