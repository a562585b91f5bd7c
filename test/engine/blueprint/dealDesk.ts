import type { Blueprint, Definition, Module } from '#definitions/definitions.ts'
import type { Values } from '#definitions/json.ts'
import type { Answer, InstanceTrace } from '#engine/decision.ts'
import type { BatchOutcome } from '#engine/run.ts'
import { possibleTransitions } from '#engine/blueprint/possible.ts'
import type { Actor, Command } from '#engine/command.ts'
import type { CommandEvent } from '#engine/trigger.ts'
import { createWorkbench, NOW, recordEvent, type Workbench } from '../workbench.ts'

export const DAY_MS = 86_400_000

/** 案件: deals as a Japanese sales team keeps them. */
export const CASES: Module = {
  kind: 'module',
  name: 'Cases',
  labels: { ja: '案件', en: 'Cases' },
  title: 'Subject',
  fields: {
    Subject: { type: 'text', labels: { ja: '件名', en: 'Subject' } },
    Phase: {
      type: 'picklist',
      labels: { ja: '段階', en: 'Phase' },
      values: ['初回接触', '見積提示', '契約交渉', '受注', '失注'],
    },
    Amount: { type: 'currency', labels: { ja: '金額', en: 'Amount' } },
    Closing_Date: { type: 'date', labels: { ja: '完了予定日', en: 'Closing Date' } },
    Plan: { type: 'picklist', labels: { ja: 'プラン', en: 'Plan' }, values: ['標準', '特別'] },
    Rank: { type: 'text', labels: { ja: 'ランク', en: 'Rank' } },
    Contact_Name: { type: 'lookup', labels: { ja: '連絡先', en: 'Contact' }, module: 'Contacts' },
    Owner: { type: 'user', labels: { ja: '担当者', en: 'Owner' } },
  },
}

const over = (field: string, value: number) => ({ all: [{ fact: field, operator: 'greaterThan', value }] })
const is = (field: string, value: string) => ({ all: [{ fact: field, operator: 'equal', value }] })

export const DESK: Blueprint = {
  kind: 'blueprint',
  name: 'case-desk',
  module: 'Cases',
  field: 'Phase',
  entry: { when: over('Amount', 100_000) },
  exit: { when: is('Rank', '対象外') },
  states: {
    初回接触: {
      initial: true,
      sla: [
        { within: 'P1D', actions: [{ type: 'notify', role: 'manager', message: '一日動きなし: $[案件.件名]' }] },
        { within: 'P3D', actions: [{ type: 'notify', role: 'director', message: '三日動きなし: $[案件.件名]' }] },
      ],
    },
    見積提示: {},
    契約交渉: {},
    受注: { final: true },
    失注: { final: true },
  },
  transitions: [
    {
      name: '見積を送る',
      from: ['初回接触'],
      to: '見積提示',
      before: {
        roles: ['sales'],
        owner: true,
        when: { all: [{ fact: 'Amount', operator: 'lessThan', value: 5_000_000 }] },
        message: '五百万円以上の見積は部長に相談してください。',
      },
      during: {
        fields: [
          { field: 'Closing_Date', required: true },
          {
            field: 'Amount',
            when: { all: [{ fact: 'Amount', operator: 'greaterThan', value: 0 }] },
            message: '金額は0より大きくしてください。',
          },
          { field: 'Plan' },
        ],
        note: 'required',
        checklist: ['与信確認', '在庫確認'],
      },
      after: [{ type: 'notify', role: 'manager', message: '$[案件.段階] $[案件.完了予定日]' }],
    },
    { name: '交渉に入る', from: ['見積提示'], to: '契約交渉' },
    {
      name: '受注する',
      from: ['契約交渉'],
      to: '受注',
      before: { roles: ['sales'] },
      parallel: [
        { name: '法務承認', before: { roles: ['legal'] }, during: { fields: [{ field: 'Subject' }] } },
        { name: '経理承認', after: [{ type: 'notify', role: 'finance', message: '経理済み' }] },
      ],
      after: [{ type: 'notify', role: 'manager', message: '受注: $[案件.段階]' }],
    },
    { name: '特急', from: ['初回接触'], to: '契約交渉', auto: { when: is('Rank', '特急') } },
    { name: '断念', from: '*', to: '失注' },
    { name: '自然消滅', from: '*', to: '失注', auto: { after: 'P30D' } },
  ],
}

export const SALES: Actor = { user: '田中', roles: ['sales'] }
export const LEGAL: Actor = { user: '鈴木', roles: ['legal'] }

let commands = 0
/** What a person asks for, as the API puts it into the inbox. */
export function ask(command: Command, actor: Actor = SALES): CommandEvent {
  return { kind: 'command', source: 'api', sourceId: `c${commands++}`, occurredAt: NOW, command, actor }
}

type Taking = Partial<Extract<Command, { do: 'transition' }>>

/** A workbench with the case desk and a record "1" in it, unless `values` keep it out. */
export async function createDesk({
  definitions = [],
  desk = DESK,
  values = { Subject: '新宿ビル', Amount: 300_000 },
}: { definitions?: Definition[]; desk?: Blueprint; values?: Values } = {}) {
  const bench = await createWorkbench([CASES, desk, ...definitions])
  const created = await bench.happen(recordEvent('created', 'Cases', '1', values))
  return { ...bench, ...readings(bench), created: created[0]! }
}
export type Desk = Awaited<ReturnType<typeof createDesk>>

function readings(bench: Workbench) {
  const { store } = bench
  const traces: InstanceTrace[] = []
  const observe = ({ decisions }: BatchOutcome) =>
    traces.push(...decisions.flatMap(({ trace }) => trace.instances ?? []))
  Object.assign(bench.shell, { observe })
  const instances = async () => (await store.instances({ recordId: '1' }, { limit: 50 })).items
  return {
    instances,
    /** What became of instances since the record was there, of all triggers. */
    told: () => traces.map(({ definition, outcome, reason }) => `${definition} ${outcome} ${reason}`),
    /** The newest instance of the record. */
    instance: async () => (await instances())[0] ?? null,
    /** Where it stands, or how it ended. */
    async standing() {
      const [one] = await instances()
      return one === undefined ? null : one.status === 'running' ? one.position : `${one.position} ${one.reason}`
    },
    async history() {
      const [one] = await instances()
      const steps = one === undefined ? [] : await store.instanceSteps(one.id)
      return steps.map(({ kind, from, to, via, by }) => `${kind} ${from ?? '-'} > ${to ?? '-'} via ${via} by ${by}`)
    },
    async phase() {
      return (await bench.values('Cases', '1'))?.Phase
    },
    async update(values: Values, more: Parameters<typeof recordEvent>[4] = {}) {
      const [id] = await bench.happen(recordEvent('updated', 'Cases', '1', values, more))
      return id!
    },
    async take(transition: string, more: Taking = {}, actor: Actor = SALES): Promise<Answer> {
      const [id] = await bench.happen(
        ask({ do: 'transition', module: 'Cases', recordId: '1', transition, ...more }, actor),
      )
      return (await store.trace(id!))!.answer!
    },
    /** Switches the desk off or on. */
    async switchTo(active: boolean) {
      await store.setActive('blueprint/case-desk', active, bench.now(), () => `switch${commands++}`)
      await bench.define([])
    },
    async traces(triggerId: string) {
      const { instances: traces = [] } = (await store.trace(triggerId))!
      return traces.map(({ definition, outcome, reason }) => `${definition} ${outcome} ${reason}`)
    },
    async notified() {
      return (await store.notifications({ limit: 50 })).items
        .map(({ to, message }) => `${to.role}: ${message}`)
        .reverse()
    },
    async waiting() {
      const timers = await store.timers({ recordId: '1', state: 'waiting' })
      return timers
        .flatMap((one) =>
          one.kind === 'instance' ? [{ name: one.name, inDays: (one.dueAt - bench.now()) / DAY_MS }] : [],
        )
        .sort((a, b) => a.inDays - b.inDays)
    },
    async view(actor: Actor = SALES, language: 'ja' | 'en' = 'ja') {
      const [instance] = await instances()
      return possibleTransitions({
        instance: instance!,
        values: (await bench.values('Cases', '1'))!,
        definitions: bench.definitions(),
        settings: await store.settings(),
        now: bench.now(),
        actor,
        language,
      })
    },
  }
}

/** All that the first transition asks for. */
export const COMPLETE: Taking = {
  data: { Closing_Date: '2026-12-24' },
  note: '先方の希望により年内に',
  checklist: ['与信確認', '在庫確認'],
}
