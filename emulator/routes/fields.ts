/** A field that a caller asked for, with what stands in brackets behind its dots: `analytics.start(1).end(2)`. */
export interface AskedField {
  name: string
  filters: Map<string, string>
}

/**
 * The fields of a node that a caller asked for; `id` always comes. Sub-fields in brackets are given whole.
 *
 * @param fields comma-separated, as in the `fields` parameter of the Graph API
 */
export function only(
  node: Record<string, unknown>,
  fields: string | undefined,
  defaults: readonly string[],
): Record<string, unknown> {
  const asked = fields === undefined ? defaults : fieldsOf(fields).map(({ name }) => name)
  const answer: Record<string, unknown> = {}
  for (const name of [...asked, 'id']) {
    if (node[name] !== undefined) answer[name] = node[name]
  }
  return answer
}

/** Reads a `fields` parameter. Commas within brackets belong to the brackets. */
export function fieldsOf(fields: string): AskedField[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let index = 0; index <= fields.length; index++) {
    const char = fields[index]
    if (char === '(' || char === '{' || char === '[') depth++
    else if (char === ')' || char === '}' || char === ']') depth--
    else if (char === undefined || (char === ',' && depth === 0)) {
      parts.push(fields.slice(from, index).trim())
      from = index + 1
    }
  }
  return parts
    .filter((part) => part !== '')
    .map((part) => ({
      name: /^[^.({]*/.exec(part)![0],
      filters: new Map([...part.matchAll(/\.([a-z_]+)\(([^()]*)\)/g)].map(([, name, value]) => [name!, value!])),
    }))
}

/** `A`, `A,B` or `["A","B"]`. */
export const listOf = (text: string): string[] =>
  text
    .replace(/[[\]"'\s]/g, '')
    .split(',')
    .filter((part) => part !== '')
