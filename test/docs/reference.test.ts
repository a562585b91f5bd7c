import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { builtinActionSchemas, type Action } from '#definitions/action.ts'
import { blueprintSchema } from '#definitions/blueprint.ts'
import { journeySchema } from '#definitions/journey.ts'
import { fieldType, type FieldType } from '#definitions/module.ts'
import { mergeFormats } from '#definitions/mergeField.ts'
import { builtinModules } from '#definitions/modules.ts'
import { defaultSettings, settings } from '#definitions/settings.ts'
import { workflowTrigger } from '#definitions/workflow.ts'
import { ACTS } from '#emulator/acts.ts'
import { FAULT_KINDS } from '#emulator/faults.ts'
import { MAGIC } from '#emulator/magic.ts'
import { TEMPLATE_ACTS } from '#emulator/templateActs.ts'
import { OWN_FACTS } from '#engine/decide/factSource.ts'
import { decoratorNames, operatorNames, operatorsFor } from '#engine/rules/operators.ts'
import { periodNames } from '#engine/rules/period.ts'
import { describeConfig } from '#server/config.ts'

const read = (name: string) => readFileSync(join('docs', name), 'utf8')
const reference = (name: string) => read(`reference/${name}.md`)

/** The rows of all tables of a text, as cells without their padding. */
function rows(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[\s|:-]+$/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    )
}

const quoted = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
/** Every `code` in the first cells of the tables of a text. */
const firstCodes = (text: string) => rows(text).flatMap(([first = '']) => quoted(first))

function section(text: string, heading: string): string {
  const level = heading.indexOf(' ')
  const from = text.indexOf(`\n${heading}\n`)
  expect(from, heading).toBeGreaterThan(-1)
  const rest = text.slice(from + heading.length + 2)
  const end = rest.search(new RegExp(`^#{1,${level}} `, 'm'))
  return end === -1 ? rest : rest.slice(0, end)
}

describe('configuration.md', () => {
  const page = reference('configuration')

  test('has every variable with its default and description, and no other', () => {
    const server = page.slice(0, page.indexOf('\n## Command line\n'))
    const listed = rows(server).filter(([first = '']) => first.startsWith('`'))
    const described = describeConfig().map(({ name, fallback, description }) => [
      `\`${name}\``,
      fallback === '' ? '' : `\`${fallback}\``,
      description,
    ])
    expect(listed.toSorted()).toEqual(described.toSorted())
  })

  test('has every setting with its default, and no other', () => {
    const listed = rows(section(page, '## Settings in the store')).slice(1)
    const written = listed.map(([name = '', value = '']) => [name.replaceAll('`', ''), value.replaceAll('`', '')])
    const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
    const expected = Object.keys(settings.shape).map((name) => {
      const value = defaultSettings[name as keyof typeof defaultSettings]
      if (name !== 'integration' && name !== 'consent') return [name, text(value)]
      const [[key = '', inner] = []] = Object.entries(value as object)
      return [`${name}.${key}`, text(inner)]
    })
    expect(written.toSorted()).toEqual(expected.toSorted())
  })
})

describe('definitions.md', () => {
  const page = reference('definitions')

  test('has every trigger, action, fact, format, field type and module', () => {
    const triggers = workflowTrigger.options.map(({ shape }) => shape.on.value)
    expect(firstCodes(section(page, '### Triggers')).slice(1).toSorted()).toEqual([...triggers].toSorted())
    const actions = builtinActionSchemas.map(({ shape }) => shape.type.value)
    expect(firstCodes(section(page, '### Actions')).slice(1).toSorted()).toEqual([...actions].toSorted())
    expect(firstCodes(section(page, '### Conditions'))).toEqual(expect.arrayContaining([...OWN_FACTS]))
    const formats = firstCodes(section(page, '## Merge fields')).filter((code) => !code.startsWith('$'))
    expect(formats.toSorted()).toEqual([...mergeFormats].toSorted())
    const module = quoted(section(page, '## Module'))
    expect(module).toEqual(expect.arrayContaining(fieldType.options))
    expect(module).toEqual(expect.arrayContaining(builtinModules.map(({ name }) => name)))
  })

  test('names every field of blueprints and journeys, and every kind of step', () => {
    const action = z.custom<Action>()
    const { states, transitions, ...blueprint } = blueprintSchema(action).shape
    const { steps, entry, ...journey } = journeySchema(action).shape
    const own = (shape: object) => Object.keys(shape).filter((name) => name !== '$schema')
    expect(firstCodes(section(page, '## Blueprint'))).toEqual(
      expect.arrayContaining([...own(blueprint), 'states', 'transitions', ...own(transitions.element.shape)]),
    )
    expect(quoted(section(page, '## Blueprint'))).toEqual(expect.arrayContaining(own(states.valueType.shape)))
    expect(firstCodes(section(page, '## Journey'))).toEqual(expect.arrayContaining([...own(journey), 'steps', 'entry']))
    expect(quoted(section(page, '## Journey'))).toEqual(expect.arrayContaining(own(entry.shape)))
    const common = ['id', 'name', 'next', 'timeout', 'then', 'else', 'at', 'max']
    const kinds = steps.element.options.flatMap(({ shape }) => own(shape)).filter((name) => !common.includes(name))
    const listed = firstCodes(section(page, '### Steps'))
    expect(listed.toSorted()).toEqual([...new Set(kinds)].toSorted())
  })

  test('names every field of every action', () => {
    for (const { shape } of builtinActionSchemas) {
      const row = rows(section(page, '### Actions')).find(([first]) => first === `\`${shape.type.value}\``) ?? []
      const fields = Object.keys(shape).filter((name) => name !== 'type')
      expect(quoted(row[1] ?? ''), shape.type.value).toEqual(expect.arrayContaining(fields))
    }
  })
})

describe('operators.md', () => {
  const page = reference('operators')

  test('has every operator, decorator and period', () => {
    const listed = firstCodes(page.slice(page.indexOf('\n## Any value\n')))
    expect(listed.toSorted()).toEqual([...operatorNames, ...decoratorNames].toSorted())
    expect(quoted(page)).toEqual(expect.arrayContaining([...periodNames]))
  })

  test('has the operators of every type of field', () => {
    const table = rows(section(page, '## By type of field')).slice(1)
    expect(table.flatMap(([types = '']) => quoted(types)).toSorted()).toEqual([...fieldType.options].toSorted())
    for (const [types = '', operators = ''] of table) {
      for (const type of quoted(types))
        expect(operators === 'all' ? operatorNames : quoted(operators), type).toEqual(operatorsFor(type as FieldType))
    }
  })
})

test('events.md has every metric with its type, and every line of the log', () => {
  const page = reference('events')
  const source = readFileSync('server/metrics.ts', 'utf8')
  const metrics = [...source.matchAll(/= (counter|histogram|gauge)\('(\w+)'/g)].map(([, type, name]) => [
    `\`denrei_${name}\``,
    type,
  ])
  expect(metrics.length).toBeGreaterThan(15)
  const listed = rows(section(page, '## Metrics')).slice(1)
  expect(listed.map(([name, type]) => [name, type]).toSorted()).toEqual(metrics.toSorted())

  const files = readdirSync('server', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const lines = files.flatMap((file) =>
    [
      ...readFileSync(join('server', file), 'utf8').matchAll(
        /\b(?:log|logger)\.(debug|info|warn|error)\(\s*(?:\{[^}]*\}),?\s*'([^']+)'/g,
      ),
    ].map(([, level = '', text = '']) => `${level} \`${text}\``),
  )
  expect(lines.length).toBeGreaterThan(5)
  const told = rows(section(page, '## Log')).map(([level = '', text = '']) => `${level} ${text}`)
  expect(told).toEqual(expect.arrayContaining(lines))
})

test('emulator.md has every magic number, fault and door of the control API', () => {
  const page = reference('emulator')
  const magic = rows(section(page, '## Magic numbers')).slice(1)
  expect(Object.fromEntries(magic.map(([digits = '', text]) => [digits.replaceAll('`', ''), text]))).toEqual(
    Object.fromEntries(Object.entries(MAGIC).map(([digits, { en }]) => [digits, en])),
  )
  expect(firstCodes(section(page, '## Faults'))).toEqual([...FAULT_KINDS])
  const source = readdirSync('emulator/routes')
    .map((file) => readFileSync(join('emulator/routes', file), 'utf8'))
    .join('')
  const doors = [...source.matchAll(/app\.(get|post|delete)(?:<[^(]*>)?\(\s*'(\/_emulator[^']+)'/g)].map(
    ([, method = '', path = '']) =>
      `${method.toUpperCase()} ${path.replace(':name', 'NAME').replace(':act', 'ACT').replace(':field', 'FIELD')}`,
  )
  expect(firstCodes(section(page, '## Control API')).toSorted()).toEqual(doors.toSorted())
  const acts = [...section(page, '## What happens to an account').matchAll(/^\| (`[^|]+)\|/gm)]
  expect(acts.flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, act]) => act))).toEqual(
    Object.keys(ACTS),
  )
  expect(firstCodes(section(page, '## What happens to a template'))).toEqual([...TEMPLATE_ACTS])
})

test('cli.md has every command', () => {
  const help = execFileSync(process.execPath, ['cli/main.ts', '--help'], { encoding: 'utf8' })
  const commands = [...help.slice(help.indexOf('Commands:')).matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name)
  const listed = firstCodes(reference('cli')).flatMap((code) => /^([a-z]+)(?: [A-Z]+)?$/.exec(code)?.[1] ?? [])
  expect(commands).toContain('start')
  expect(listed.toSorted()).toEqual(commands.filter((name) => name !== 'help').toSorted())
})

describe('links', () => {
  const pages = ['README.md', 'README.ja.md', 'CHANGELOG.md'].concat(
    readdirSync('docs', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md'))
      .map((file) => join('docs', file)),
  )
  /** As GitHub makes anchors of headings. */
  const anchors = (text: string) =>
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    )

  test.each(pages)('every link of %s leads somewhere', (page) => {
    const text = readFileSync(page, 'utf8')
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : normalize(join(dirname(page), path))
      if (anchor === undefined) expect(() => readdirOrFile(file), target).not.toThrow()
      else expect(anchors(readFileSync(file, 'utf8')), target).toContain(decodeURIComponent(anchor))
    }
  })
})

function readdirOrFile(path: string): void {
  if (/\.\w+$/.test(path)) readFileSync(path)
  else readdirSync(path)
}
