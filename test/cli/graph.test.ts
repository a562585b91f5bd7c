import { expect, test } from 'vitest'
import { denrei, scratch } from './runDenrei.ts'

const JOURNEY = {
  kind: 'journey',
  name: 'welcome',
  module: 'Leads',
  entry: { trigger: { on: 'record.created' } },
  steps: [
    { id: 'pause', wait: 'P2D' },
    { id: 'tag', do: [{ type: 'addTags', tags: ['済'] }] },
  ],
}
const BLUEPRINT = {
  kind: 'blueprint',
  name: 'leads',
  module: 'Leads',
  field: 'Lead_Status',
  states: { 'Not Contacted': { initial: true }, 'Junk Lead': { final: true } },
  transitions: [{ name: '対象外にする', from: '*', to: 'Junk Lead' }],
}
const WORKFLOW = {
  kind: 'workflow',
  name: 'welcome',
  module: 'Leads',
  trigger: { on: 'record.created' },
  branches: [{ actions: [{ type: 'addTags', tags: ['web'] }] }],
}
const FILES = { 'journey.json': JOURNEY, 'blueprint.json': BLUEPRINT, 'workflow.json': WORKFLOW }

test('a blueprint and a journey are drawn from files, and as nodes and edges for programs', async () => {
  const folder = scratch(FILES)
  const drawn = await denrei(folder, ['graph', 'leads', '--dir', '.'])
  expect(drawn.out, drawn.err).toMatch(/^stateDiagram-v2/)
  expect(drawn.out).toContain('対象外にする')
  const { nodes, edges } = JSON.parse(
    (await denrei(folder, ['graph', 'journey/welcome', '--dir', '.', '--json'])).out,
  ) as { nodes: { id: string; pointer: string }[]; edges: { from: string; to: string }[] }
  expect(nodes.map(({ pointer }) => pointer)).toEqual(expect.arrayContaining(['/steps/0', '/steps/1']))
  const ids = nodes.map(({ id }) => id)
  for (const { from, to } of edges) expect(ids).toEqual(expect.arrayContaining([from, to]))
})

test('what is applied is drawn from the database', async () => {
  const folder = scratch(FILES)
  expect((await denrei(folder, ['apply', '.'])).code).toBe(0)
  const drawn = await denrei(folder, ['graph', 'workflow/welcome', '--lang', 'ja'])
  expect(drawn.out, drawn.err).toMatch(/^flowchart/)
})

test('a name that is none, or that several have, is told', async () => {
  const folder = scratch(FILES)
  expect(await denrei(folder, ['graph', 'nothing', '--dir', '.'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('ERR_NOT_FOUND') as string,
  })
  const several = await denrei(folder, ['graph', 'welcome', '--dir', '.'])
  expect(several.err).toMatch(/ERR_INVALID_INPUT: .*journey\/welcome, workflow\/welcome/)
})
