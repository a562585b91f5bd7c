/**
 * A WHERE clause of equalities. Undefined fields are left out; without any it is always true.
 * @param fields column names that the caller wrote, and values that anybody wrote
 */
export function whereOf(fields: Record<string, string | undefined>): { where: string; values: string[] } {
  const wanted = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined)
  return {
    where: ['TRUE', ...wanted.map(([column]) => `${column} = ?`)].join(' AND '),
    values: wanted.map(([, value]) => value),
  }
}
