import type { SentMessage } from '#emulator/messages.ts'
import type { Instant } from '#engine/clock.ts'
import type { Instance, InstanceStep } from '#engine/instance.ts'
import type { Notification } from '#engine/reads.ts'
import type { Store } from '#engine/store.ts'
import { historyText, wayText } from '#server/instanceTexts.ts'
import type { Language } from '../texts.ts'
import { customers, TOKYO } from './people.ts'
import type { Deed } from './story.ts'

/** One line of the story: what happened, to whom, and why. */
export interface Happening {
  at: Instant
  /** IANA name, of whom it happened to. */
  zone: string
  who: string
  what: string
  why: string
}

/** All that became of three months, in order, from what the store remembers and what WhatsApp accepted. */
export async function happenings(
  store: Store,
  messages: SentMessage[],
  deeds: Deed[],
  language: Language,
): Promise<Happening[]> {
  const names = await namesOf(store)
  const told = await Promise.all(messages.map((message) => messageLine(store, message, language)))
  const instances = (await store.instances({}, { limit: 100 })).items
  const steps = await Promise.all(
    instances.map(async (instance) =>
      (await store.instanceSteps(instance.id))
        .filter((step) => isNews(instance, step))
        .map((step) => stepLine(instance, step, names, language)),
    ),
  )
  const tasks = (await store.records('Tasks', { limit: 200 })).items.map(({ createdAt, values }) => ({
    at: createdAt,
    zone: TOKYO,
    who: textOf(values.Owner),
    what: `${language === 'ja' ? 'タスク' : 'task'}: ${inLanguage(textOf(values.Subject), language)}`,
    why: typeof values.Due_Date === 'string' ? `${language === 'ja' ? '期限' : 'due'} ${values.Due_Date}` : '',
  }))
  const notices = (await noticesOf(store)).map(({ at, to, message, module, recordId }) => ({
    at,
    zone: TOKYO,
    who: to.role ?? to.user ?? '',
    what: `${language === 'ja' ? '通知' : 'notice'}: ${inLanguage(message, language)}`,
    why: names.get(`${module}/${recordId}`) ?? '',
  }))
  const own = deeds.map((deed) => deedLine(deed, language))
  // What people do comes before what it causes at the same instant; sorting keeps that order.
  return [...own, ...steps.flat(), ...told, ...tasks, ...notices].toSorted((a, b) => a.at - b.at)
}

/** What automations told somebody; what admins hear of the account is no part of this story. */
export async function noticesOf(store: Store): Promise<Notification[]> {
  return (await store.notifications({ limit: 200 })).items.filter(({ notice }) => notice === null)
}

async function messageLine(store: Store, message: SentMessage, language: Language): Promise<Happening> {
  const { acceptedAt, waId, template, text, opaqueId } = message
  const person = customers.find(({ fields }) => fields.Mobile === `+${waId}`)
  const intent = (await store.message(opaqueId ?? ''))?.intent
  const step = intent?.kind === 'sendTemplate' && intent.step !== undefined ? `: ${intent.step}` : ''
  const name = template?.name ?? (language === 'ja' ? '自由文' : 'free text')
  return {
    at: acceptedAt,
    zone: person?.fields.Time_Zone ?? TOKYO,
    who: person?.name ?? `+${waId}`,
    what: language === 'ja' ? `受信 ${name}「${short(text)}」` : `gets ${name} "${short(text)}"`,
    why: `${intent?.definition.replace(/@\d+$/, '') ?? ''}${step}`,
  }
}

/** The steps of a journey speak by their messages; of a blueprint each one counts. */
function isNews({ kind }: Instance, step: InstanceStep): boolean {
  if (step.kind === 'noted') return kind === 'blueprint' && !step.via.startsWith('sla/') && step.via !== 'escalated'
  return kind === 'blueprint' || step.kind !== 'moved'
}

function stepLine(
  { definition, module, recordId }: Instance,
  step: InstanceStep,
  names: Map<string, string>,
  language: Language,
): Happening {
  const by = step.by === definition || step.by.startsWith(`${definition}@`) ? '' : step.by
  const way = wayText(step.via, language)
  return {
    at: step.at,
    zone: TOKYO,
    who: names.get(`${module}/${recordId}`) ?? recordId,
    what: `${definition.replace(/^\w+\//, '')}: ${historyText(step, language)}`,
    why: step.kind === 'entered' ? '' : [way, by].filter((one) => one !== '').join(language === 'ja' ? '、' : ', '),
  }
}

function deedLine({ at, who, kind, what, why }: Deed, language: Language): Happening {
  const zone = customers.find(({ name }) => name === who)?.fields.Time_Zone ?? TOKYO
  const words = {
    wrote: language === 'ja' ? `返信「${what}」` : `writes "${what}"`,
    tapped: language === 'ja' ? `ボタン「${what}」を押す` : `taps "${what}"`,
    refused: language === 'ja' ? `「${what}」はできません` : `may not "${what}"`,
  }
  return { at, zone, who, what: words[kind], why }
}

/** What records are called, by module and id. */
async function namesOf(store: Store): Promise<Map<string, string>> {
  const names = new Map<string, string>()
  for (const [module, field] of [
    ['Deals', 'Deal_Name'],
    ['Subscriptions', 'Name'],
  ] as const) {
    for (const { id, values } of (await store.records(module, { limit: 200 })).items) {
      names.set(`${module}/${id}`, textOf(values[field]))
    }
  }
  return names
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The half of a text in two languages; what stands behind a colon belongs to both. */
function inLanguage(text: string, language: Language): string {
  const [ja, en] = text.split(' / ')
  if (ja === undefined || en === undefined) return text
  const [, about] = en.split(/: (.*)/s)
  return language === 'en' ? en : `${ja}${about === undefined ? '' : `: ${about}`}`
}

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  const characters = [...line]
  return characters.length > 48 ? `${characters.slice(0, 47).join('')}…` : line
}

/** For people: day by day, a line for each thing, with the time where the customer lives when that is not Tokyo. */
export function timelineLines(list: Happening[], language: Language): string[] {
  const lines: string[] = []
  let day = ''
  for (const { at, zone, who, what, why } of list) {
    const [date, time] = wallOf(at, TOKYO)
    if (date !== day) lines.push(dayOf(at, language))
    day = date
    const there = wallOf(at, zone)[1]
    const local = zone === TOKYO ? '' : ` (${language === 'ja' ? `現地${there}` : `${there} there`})`
    lines.push(`  ${time}${local}  ${who}  ${what}${why === '' ? '' : `  -- ${why}`}`)
  }
  return lines
}

function dayOf(at: Instant, language: Language): string {
  return new Intl.DateTimeFormat(language, { timeZone: TOKYO, dateStyle: 'full' }).format(at)
}

/** @returns `2026-12-07` and `09:00` */
export function wallOf(at: Instant, timeZone: string): [date: string, time: string] {
  const shown = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(at)
  return [shown.slice(0, 10), shown.slice(11)]
}
