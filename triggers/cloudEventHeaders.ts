import type { InputProblem } from './inputProblem.ts'

/** Request headers as Node gives them: names in lower case. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>

/**
 * Reads the attributes of a binary CloudEvent out of its `ce-` headers.
 *
 * A value is taken out of its double quotes if it has some, then percent-decoded once, as UTF-8.
 * Source: CNCF, "HTTP Protocol Binding for CloudEvents" 1.0.2, section 3.1.3.2 "HTTP Header Values".
 */
export function attributesOf(headers: Headers): { attributes: Record<string, string>; problems: InputProblem[] } {
  const attributes: Record<string, string> = Object.create(null) as Record<string, string>
  const problems: InputProblem[] = []
  for (const [header, raw] of Object.entries(headers)) {
    if (!header.startsWith('ce-') || raw === undefined) continue
    const value = decoded(Array.isArray(raw) ? raw.join(', ') : raw)
    if (typeof value === 'string') attributes[header.slice('ce-'.length)] = value
    else problems.push({ index: 0, pointer: `header ${header}`, code: 'invalid', message: value.problem })
  }
  if ('datacontenttype' in attributes) {
    const message = 'In binary mode the content type of the data is the header Content-Type.'
    problems.push({ index: 0, pointer: 'header ce-datacontenttype', code: 'unknown_field', message })
  }
  return { attributes: { ...attributes }, problems }
}

function decoded(raw: string): string | { problem: string } {
  if (/[^\x20-\x7e]/.test(raw)) return { problem: 'Percent-encode characters outside printable ASCII, as UTF-8.' }
  try {
    return decodeURIComponent(unquoted(raw))
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    return { problem: 'Not valid percent-encoded UTF-8. Write a percent sign as %25.' }
  }
}

/** Older senders quote values; `\"` and `\\` stand for themselves then. Source: RFC 9110, section 5.6.4. */
function unquoted(value: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(value.trim())
  return quoted?.[1]?.replace(/\\(.)/g, '$1') ?? value
}
