/** A code with the figures, `too_long 61/60`; null when it fits. Characters are code points: an emoji is one. */
export function lengthProblem(value: string, lengthMax: number): string | null {
  const length = value.length <= lengthMax ? 0 : [...value].length
  return length > lengthMax ? `too_long ${length}/${lengthMax}` : null
}
