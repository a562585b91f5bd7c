/** How a name is compared: width, case, spaces and underscores do not matter (`Ｌast name` is `Last_Name`). */
export function normalName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .replace(/ ?\. ?/g, '.')
    .trim()
}

/**
 * The names that a misspelt one may have meant, nearest first.
 *
 * @returns at most `max`, none when nothing is near
 */
export function suggest(name: string, candidates: Iterable<string>, max = 3): string[] {
  const wanted = normalName(name)
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, distance: distanceTo(wanted, normalName(candidate)) }))
    .filter(({ distance }) => distance <= Math.max(1, Math.floor(wanted.length / 3)))
    .sort((a, b) => a.distance - b.distance || a.candidate.localeCompare(b.candidate, 'en'))
    .slice(0, max)
    .map(({ candidate }) => candidate)
}

/** Letters to insert, drop, change or swap (Damerau-Levenshtein); a name that begins with the other counts as one. */
function distanceTo(a: string, b: string): number {
  if (a.length > 2 && b.length > 2 && (a.startsWith(b) || b.startsWith(a))) return a === b ? 0 : 1
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + change)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, before[j - 2]! + 1)
      next.push(best)
    }
    before = row
    row = next
  }
  return row[b.length]!
}
