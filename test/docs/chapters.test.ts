import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkDefinitions } from '#definitions/check.ts'
import { analyse } from '#engine/analyse.ts'
import { OWN_FACTS } from '#engine/decide/factSource.ts'
import { operatorNames } from '#engine/rules/operators.ts'
import { denrei, scratch } from '../cli/runDenrei.ts'
import { openServer } from '../server/openServer.ts'

const CHAPTERS = ['workflows', 'blueprints', 'journeys']
const PAGES = CHAPTERS.flatMap((name) => [name, `${name}.ja`])
const read = (page: string) => readFileSync(`docs/guide/${page}.md`, 'utf8')

/** A fenced block; `file` is the last file that the text before a JSON block names. */
interface Block {
  language: string
  text: string
  file: string
}

function blocksOf(text: string): Block[] {
  let file = ''
  return [...text.matchAll(/`([\w./-]+\.json)`|^```(\w*)\n([^]*?)^```/gm)].flatMap(
    ([, named, language = '', block = '']) => {
      if (named !== undefined) file = named
      return named === undefined ? [{ language, text: block, file }] : []
    },
  )
}

const context = { active: [], operators: operatorNames, facts: [...OWN_FACTS], analyse, templateStatus: new Map() }
const definitionsIn = (page: string) =>
  blocksOf(read(page))
    .filter(({ language, file }) => language === 'json' && file !== 'moves.json')
    .map(({ text, file }) => ({ file, json: JSON.parse(text) as object }))

test.each(PAGES)('the definitions of %s have no problems', (page) => {
  const files = definitionsIn(page)
  expect(files.length).toBeGreaterThanOrEqual(3)
  expect(new Set(files.map(({ file }) => file)).size).toBe(files.length)
  expect(checkDefinitions(files, context).problems).toEqual([])
})

test('the definitions of all chapters have no problems together', () => {
  expect(checkDefinitions(CHAPTERS.flatMap(definitionsIn), context).problems).toEqual([])
})

/** What needs no server: all before the definitions are applied. */
const offline = (page: string) => blocksOf(read(page).split(/^## 4\./m)[0]!)

/** The commands of a block of shell, with the files that it writes. */
function commandsOf(text: string): { files: Record<string, string>; commands: string[] } {
  const files: Record<string, string> = {}
  const rest = text.replace(/^cat > (\S+) <<'EOF'\n([^]*?)^EOF\n/gm, (_, name: string, body: string) => {
    files[name] = body
    return ''
  })
  const commands = rest.replaceAll('\\\n', ' ').split('\n')
  return { files, commands: commands.filter((line) => line !== '') }
}

describe('what the chapters print before anything is applied', () => {
  test.each(PAGES)('%s', { timeout: 120_000 }, async (page) => {
    const folder = scratch({})
    let printed = ''
    let ran = 0
    for (const { language, text, file } of offline(page)) {
      if (language === 'json') {
        mkdirSync(dirname(join(folder, file)), { recursive: true })
        writeFileSync(join(folder, file), text)
      } else if (language === 'sh') {
        const { files, commands } = commandsOf(text)
        for (const [name, body] of Object.entries(files)) writeFileSync(join(folder, name), body)
        printed = ''
        for (const command of commands) {
          const copied = /^cp -r (\S+) (\S+)$/.exec(command)
          if (copied !== null) forgetTheSilent(join(folder, copied[1]!), join(folder, copied[2]!))
          const asked = /^npm run -s denrei -- (.+)$/.exec(command)?.[1]
          if (asked === undefined) continue
          const { code, out, err } = await denrei(folder, asked.split(/\s+/), { LANG: 'en_US.UTF-8' })
          expect(err).toBe('')
          expect(code, asked).toBe(0)
          printed += out
          ran++
        }
      } else if (!text.includes('operator_value_misfit')) {
        for (const line of text.split('\n')) if (line.trim() !== '...') expect(printed).toContain(line.trim())
      }
    }
    expect(ran).toBeGreaterThanOrEqual(3)
  })

  /** As the text asks: the copy does not write again to who does not answer. */
  function forgetTheSilent(from: string, to: string): void {
    cpSync(from, to, { recursive: true })
    const file = join(to, 'onboarding.json')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"else": "guide"', '"else": "silent"'))
  }

  test.each(['workflows', 'workflows.ja'])('%s: what check finds in a condition that never holds', async (page) => {
    const folder = scratch({})
    for (const { file, json } of definitionsIn(page)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      const text = JSON.stringify(json).replace(
        '"operator":"during","value":"tillYesterday"',
        '"operator":"before","value":"today"',
      )
      writeFileSync(join(folder, file), text)
    }
    const { out } = await denrei(folder, ['--lang', page.endsWith('.ja') ? 'ja' : 'en', 'check', 'invoicing'])
    const told = blocksOf(read(page)).find(({ text }) => text.includes('operator_value_misfit'))!
    expect(out).toContain(told.text.trimEnd())
  })
})

const everyPage = readdirSync('docs/guide')
  .filter((name) => name.endsWith('.md'))
  .map((name) => name.slice(0, -3))
const shellOf = (page: string) =>
  blocksOf(read(page)).flatMap(({ language, text }) => (language === 'sh' ? [text.replaceAll('\\\n', ' ')] : []))

test('every denrei command and option of the guide exists', async () => {
  const known = new Map<string, string>()
  const helpOf = async (...command: string[]) => {
    const name = command.join(' ')
    if (!known.has(name)) known.set(name, (await denrei('.', [...command, '--help'])).out)
    return known.get(name)!
  }
  let seen = 0
  for (const page of everyPage) {
    for (const [, line = ''] of shellOf(page)
      .join('\n')
      .matchAll(/denrei -- (.+)/g)) {
      const words = line.split(/\s+/)
      const options = words.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0]!)
      const [command = '', inner = ''] = words.filter(
        (word, index) => !word.startsWith('-') && words[index - 1] !== '--lang',
      )
      expect(await helpOf(), line).toMatch(new RegExp(`^  ${command} `, 'm'))
      // Some commands have commands of their own, with options of their own.
      const commands = (await helpOf(command)).split('Commands:')[1] ?? ''
      const isInner = inner !== '' && new RegExp(`^  ${inner} `, 'm').test(commands)
      const help = isInner ? await helpOf(command, inner) : await helpOf(command)
      for (const option of options) expect(help, line).toMatch(new RegExp(`^  ${option}\\b`, 'm'))
      seen++
    }
  }
  expect(seen).toBeGreaterThan(40)
})

test('every call of our API in the guide has a route', async () => {
  const { call } = await openServer({ started: false })
  const { paths } = (await call('GET /openapi.json', undefined, { role: null })).body
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase(),
      path: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    })),
  )
  const calls = everyPage.flatMap((page) => {
    const text = shellOf(page).join('\n')
    const variables = new Map(
      [...text.matchAll(/^([A-Z]+)=(\S+)$/gm)].map(([, name = '', value = '']) => [name, value]),
    )
    return curlsOf(text).map((line) => {
      const url = line.replaceAll(/\$([A-Z]+)/g, (whole, name: string) => variables.get(name) ?? whole)
      const path = /\$DENREI_URL([^\s?"]+)/.exec(url)?.[1]
      const method = /-X (\w+)/.exec(line)?.[1] ?? (/ -d /.test(line) ? 'POST' : 'GET')
      return { page, method, path }
    })
  })
  const ours = calls.filter(({ path }) => path !== undefined)
  expect(ours.length).toBeGreaterThan(60)
  const lost = ours.filter(
    ({ method, path }) => !routes.some((route) => route.method === method && route.path.test(path!)),
  )
  expect(lost).toEqual([])
})

/** Each call with its body, which may go over several lines. */
function curlsOf(text: string): string[] {
  const calls: string[] = []
  let call = ''
  for (const line of text.split('\n')) {
    if (call === '' && !/^ *curl /.test(line)) continue
    call += `${line}\n`
    if (call.split("'").length % 2 === 0) continue
    calls.push(call)
    call = ''
  }
  return calls
}
