/** One step of a JSON pointer: a key or an array index. */
export type PointerStep = string | number

/** Writes a JSON pointer: `pointer('branches', 0, 'a/b')` is `/branches/0/a~1b`. Source: RFC 6901. */
export function pointer(...steps: readonly PointerStep[]): string {
  return steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
