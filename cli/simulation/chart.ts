const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A bar of eighths of a character. @param share of the longest, 0 to 1; what is above 0 shows at least an eighth */
export function bar(share: number, width: number): string {
  const eighths = share <= 0 ? 0 : Math.max(1, Math.round(share * width * 8))
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '')
}

export interface Row {
  label: string
  value: number
  /** What stands behind the bar. */
  text: string
}

/** Bars below one another, on one scale. */
export function chart(rows: readonly Row[], width = 40): string[] {
  const most = Math.max(1, ...rows.map(({ value }) => value))
  const labels = Math.max(0, ...rows.map(({ label }) => label.length))
  return rows.map(({ label, value, text }) =>
    `  ${label.padEnd(labels)}  ${bar(value / most, width)} ${text}`.trimEnd(),
  )
}

/**
 * Puts days together so that they fit on a page: single days, weeks, or parts of four weeks.
 *
 * @returns each group with the first of its days
 */
export function inGroups<T>(days: readonly T[], linesMax = 45): T[][] {
  const size = [1, 7, 28].find((count) => days.length / count <= linesMax) ?? 28
  return Array.from({ length: Math.ceil(days.length / size) }, (_, index) =>
    days.slice(index * size, (index + 1) * size),
  )
}
