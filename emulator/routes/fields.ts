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
  const asked = fields === undefined ? defaults : fields.replace(/\{[^}]*\}|\([^)]*\)/g, '').split(',')
  const answer: Record<string, unknown> = {}
  for (const name of [...asked.map((field) => field.trim()), 'id']) {
    if (node[name] !== undefined) answer[name] = node[name]
  }
  return answer
}
