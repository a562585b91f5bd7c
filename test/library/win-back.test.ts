import { describe, expect, test } from 'vitest'
import type { Values } from '#definitions/json.ts'
import { SMITH, walk, YAMADA, type Walk } from './walk.ts'

const JOURNEY = 'journey/win-back'
const COUNT = 48

const isAbroad = (index: number) => index % 2 === 1
const person = (index: number) => ({
  ...(isAbroad(index) ? SMITH : YAMADA),
  Mobile: (isAbroad(index) ? '+4474001' : '+81901234') + String(5_000 + index).padStart(isAbroad(index) ? 5 : 4, '0'),
})

/** Dormant customers at home and abroad, on the Sunday before the schedule runs. */
async function dormant(more: Values = {}): Promise<Walk> {
  const w = await walk('2026-11-22 12:00')
  for (let index = 0; index < COUNT; index++) {
    const values = {
      Last_Name: isAbroad(index) ? `Smith${index}` : `山田${index}`,
      Tag: ['dormant'],
      Owner: 'sales-1',
      ...more,
    }
    await w.record('created', 'Contacts', `c${index}`, { ...values, ...person(index) })
  }
  return w
}

/** Which way each of them went. */
async function arms(w: Walk): Promise<Record<'offer' | 'news' | 'control', number[]>> {
  const ways = await Promise.all(Array.from({ length: COUNT }, (_, index) => w.path(JOURNEY, `c${index}`)))
  const going = (to: string) => ways.flatMap((way, index) => (way.includes(`>${to}`) ? [index] : []))
  return { offer: going('offer'), news: going('news'), control: going('control') }
}

/** The first of a list who lives at home, or abroad. */
function one(list: number[], abroad: boolean): number {
  const found = list.find((index) => isAbroad(index) === abroad)
  if (found === undefined) throw new Error('nobody went this way')
  return found
}

describe('win-back', () => {
  test('sends one of two offers to nine in ten, and nothing to the rest, each in their language and their day (S68)', async () => {
    const w = await dormant()
    await w.to('2026-11-24 00:00')
    const ways = await arms(w)
    expect(ways.offer.length + ways.news.length + ways.control.length).toBe(COUNT)
    expect(Math.min(ways.offer.length, ways.news.length)).toBeGreaterThan(COUNT / 4)
    expect(ways.control.length).toBeGreaterThan(0)
    expect(ways.control.length).toBeLessThan(COUNT / 4)
    for (const [arm, list] of Object.entries(ways)) {
      for (const index of list) {
        const when = isAbroad(index) ? '2026-11-23 10:00' : '2026-11-23 11:00' // 02:00 in London is too early.
        const template = `winback_${arm}/${isAbroad(index) ? 'en' : 'ja'}`
        expect(w.got(person(index))).toEqual(arm === 'control' ? [] : [`${when} ${template}`])
      }
    }
    const [offered, told] = [one(ways.offer, false), one(ways.news, true)]
    expect(w.words(person(offered))).toContain(`お久しぶりです、山田${offered}様。またお会いできることを願い`)
    expect(w.words(person(told))).toContain(`It has been a while, Smith${told}. We have started something new`)

    await w.to('2026-12-31 00:00')
    const control = ways.control[0] ?? -1
    expect(await w.path(JOURNEY, `c${control}`)).toBe('sweep>ab split/2>control next>control-end control-group>')
    expect(await w.place(JOURNEY, `c${control}`)).toBe('control-group 2026-11-30 11:00')
    expect(await w.path(JOURNEY, `c${offered}`)).toBe('sweep>ab split/0>offer next>interest timeout>quiet no-answer>')
    // The schedule ran five more times, and nobody was written to again.
    expect(w.emulator.messages()).toHaveLength(ways.offer.length + ways.news.length)
  })

  test.each([
    ['はい', false],
    ['  はい　', false],
    ['お願いします', false],
    ['yes', true],
    ['Yes', true],
    ['ＹＥＳ', true],
    ['Yes please', true],
  ])('「%s」 wins somebody back', async (word, abroad) => {
    const w = await dormant()
    await w.to('2026-11-24 12:00')
    const index = one((await arms(w)).news, abroad)
    await w.write(person(index).Mobile, word)
    expect(await w.place(JOURNEY, `c${index}`)).toBe('goal 2026-11-24 12:00')
    expect(await w.path(JOURNEY, `c${index}`)).toContain('next>interest then>back goal>')
    expect((await w.values('Contacts', `c${index}`)).Tag).toEqual(['won-back'])
    const name = abroad ? `Smith${index}` : `山田${index}`
    expect(await w.tasks(`c${index}`)).toEqual([
      `休眠からの返事に答える / Answer a customer who is back: ${name} | 2026-11-25 | sales-1`,
    ])
  })

  test('other words wait for a yes; STOP ends it; who is active again leaves', async () => {
    const w = await dormant()
    await w.to('2026-11-24 12:00')
    const { offer } = await arms(w)
    const [asks, stops, active] = [offer[0] ?? -1, offer[1] ?? -1, offer[2] ?? -1]
    await w.write(person(asks).Mobile, 'いくらですか')
    await w.write(person(stops).Mobile, isAbroad(stops) ? 'unsubscribe' : '配信停止')
    await w.record('updated', 'Contacts', `c${active}`, { Tag: ['regular'] })
    expect(await w.place(JOURNEY, `c${asks}`)).toBe('interest')
    expect(await w.place(JOURNEY, `c${stops}`)).toBe('opted-out 2026-11-24 12:00')
    expect(await w.place(JOURNEY, `c${active}`)).toBe('not-dormant 2026-11-24 12:00')
    await w.write(person(asks).Mobile, 'はい')
    expect(await w.place(JOURNEY, `c${asks}`)).toBe('goal 2026-11-24 12:00')
  })

  test('half a year later who is still dormant is asked once more', async () => {
    const w = await dormant()
    const entered = async () => (await w.server.denrei.journeyReport('win-back')).entered
    await w.to('2027-05-23 00:00')
    expect(await entered()).toBe(COUNT)
    await w.to('2027-05-25 00:00')
    expect(await entered()).toBe(2 * COUNT)
  })

  test('who had two messages of journeys in thirty days is passed over', async () => {
    const w = await walk('2026-11-22 12:00')
    const contact = { Last_Name: '山田', Owner: 'sales-1', ...YAMADA }
    await w.record('created', 'Contacts', 'c1', contact)
    const subscription = { Name: '山田様', Customer_Name: '山田', Plan: 'Light', Status: 'Active', ...YAMADA }
    await w.record('created', 'Subscriptions', '1', subscription) // two messages: the greeting and the reminder
    await w.to('2026-11-29 12:00')
    for (let index = 1; index <= 8; index++) {
      await w.record('created', 'Contacts', `d${index}`, { ...contact, Tag: ['dormant'] })
    }
    await w.to('2026-12-01 00:00')
    expect(w.got(YAMADA)).toHaveLength(2)
    expect(await w.kept()).toContainEqual(expect.stringMatching(/^winback_(offer|news) blocked frequency_capped$/))
  })
})
