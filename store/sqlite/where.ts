/**
 * A WHERE clause of equalities. Undefined fields are left out; without any it is always true.
 * @param fields column names that the caller wrote, and values that anybody wrote
 */
export function whereOf(fields: Record<string, string | number | undefined>): {
  where: string
  values: (string | number)[]
} {
  const wanted = Object.entries(fields).filter((field): field is [string, string | number] => field[1] !== undefined)
  return {
    where: ['TRUE', ...wanted.map(([column]) => `${column} = ?`)].join(' AND '),
    values: wanted.map(([, value]) => value),
  }
}

/**
 * The versions of a definition, as a range of an index: `workflow/welcome@1` lies in it for `workflow/welcome`. Of a version
 * only the name itself is of use.
 *
 * @param definition a version (`workflow/welcome@3`) or all versions (`workflow/welcome`)
 */
export function ofDefinition(definition: string): { definition: string; from: string; to: string } {
  // 'A' is the character after '@'.
  return { definition, from: `${definition}@`, to: `${definition}A` }
}
