import { readFile } from 'node:fs/promises'
import { Temporal } from 'temporal-polyfill'
import type { SourceFile } from '#definitions/problem.ts'
import { AppError, InvalidInput, NotFound } from '#engine/errors.ts'

/**
 * Reads JSON lines, or a JSON array; each item knows its line, so that what is wrong with it can be found.
 *
 * @throws NotFound when the file cannot be read
 */
export async function readLines(path: string): Promise<SourceFile[]> {
  const text = await readText(path)
  if (text.trimStart().startsWith('[')) {
    const items = parse(text, path)
    return (items as unknown[]).map((json, index) => ({ file: `${path}[${index}]`, json }))
  }
  return text.split(/\r?\n/).flatMap((line, index): SourceFile[] => {
    if (line.trim() === '') return []
    const file = `${path}:${index + 1}`
    try {
      return [{ file, json: JSON.parse(line) as unknown }]
    } catch (error) {
      return [{ file, error: error instanceof Error ? error.message : String(error) }]
    }
  })
}

/** @throws NotFound, InvalidInput */
export async function readJson(path: string): Promise<unknown> {
  return parse(await readText(path), path)
}

async function readText(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '')
  } catch (cause) {
    throw new NotFound(`Cannot read the file "${path}".`, { file: path }, { cause })
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new InvalidInput(`${path}: ${error instanceof Error ? error.message : String(error)}`, { file: path })
  }
}

/**
 * `KEY=VALUE` of the command line: numbers, words between commas, or text; `templates.NAME.KEY` for one template. A value that
 * names a file ending in `.json` stands for all that is in it.
 */
export async function readBehaviour(given: readonly string[]): Promise<unknown> {
  const behaviour: Record<string, unknown> = {}
  for (const one of given) {
    if (one.endsWith('.json') && !one.includes('=')) {
      Object.assign(behaviour, await readJson(one))
      continue
    }
    const [key, value] = pair(one, '--behaviour')
    const path = key.split('.')
    if (path.some((step) => step in Object.prototype))
      throw new InvalidInput(`--behaviour knows no "${key}".`, { option: '--behaviour' })
    const last = path.pop() ?? ''
    let place = behaviour
    for (const step of path) place = (place[step] ??= {}) as Record<string, unknown>
    place[last] = /words$/i.test(last)
      ? value.split(',')
      : value !== '' && Number.isFinite(Number(value))
        ? Number(value)
        : value
  }
  return behaviour
}

/** `NAME=STATUS`, or `NAME/LANGUAGE=STATUS`. */
export function readStatuses(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(given.map((one) => pair(one, '--template')))
}

function pair(text: string, option: string): [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidInput(`${option} takes KEY=VALUE, not "${text}".`, { option })
  return [text.slice(0, at), text.slice(at + 1)]
}

/**
 * An instant, or a date: `--until` means to the end of it, `--start` from its beginning.
 *
 * @throws InvalidInput
 */
export function readInstant(text: string, option: '--start' | '--until', zone: string): number {
  try {
    if (/^\d{4}-\d{2}-\d{2}$/.test(text)) {
      const day = Temporal.PlainDate.from(text).add({ days: option === '--until' ? 1 : 0 })
      return day.toZonedDateTime(zone).epochMilliseconds
    }
    return Temporal.Instant.from(text).epochMilliseconds
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new InvalidInput(
      `${option}: "${text}" is no date and no instant. Write 2026-12-31, or 2026-12-31T18:00:00+09:00.`,
      { option },
      { cause },
    )
  }
}

/** @throws InvalidInput unless it is a whole number in this range */
export function readCount(text: string, option: string, max: number): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && count <= max) return count
  throw new InvalidInput(`${option} takes a whole number up to ${max}, not "${text}".`, { option })
}
