import { AppError } from '#engine/errors.ts'
import type { Language } from './texts.ts'

/** How one command talks: sentences for people, or one JSON document for programs. */
export interface Output {
  json: boolean
  language: Language
  /** A line for people; nothing with `--json`. */
  line(text: string): void
  /** The result: JSON with `--json`, else what `people` prints. */
  result(value: unknown, people: () => void): void
  /** Progress on a terminal; nothing in a pipe or with `--json`. `work` may tell how far it is. */
  progress<T>(text: string, work: (tell: (text: string) => void) => Promise<T>): Promise<T>
}

export function createOutput(options: {
  json: boolean
  language: Language
  isTerminal: boolean
  write: (text: string) => void
}): Output {
  const line = (text: string) => {
    if (!options.json) options.write(`${text}\n`)
  }
  return {
    json: options.json,
    language: options.language,
    line,
    result(value, people) {
      if (options.json) options.write(`${JSON.stringify(value)}\n`)
      else people()
    },
    async progress(text, work) {
      if (options.json || !options.isTerminal) return work(() => undefined)
      const { default: ora } = await import('ora')
      const spinner = ora(text).start()
      try {
        const result = await work((told) => (spinner.text = told))
        spinner.succeed()
        return result
      } catch (error) {
        spinner.fail()
        throw error
      }
    },
  }
}

/** What is printed when a command fails: the code and the sentence, and the stack only for our own mistakes. */
export function describeFailure(error: unknown, json: boolean): string {
  if (error instanceof AppError) {
    if (json) return JSON.stringify({ error: { code: error.code, message: error.message, ...error.details } })
    return `${error.code}: ${error.message}`
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return json ? JSON.stringify({ error: { code: 'ERR_INTERNAL', message: text } }) : text
}
