import type { NumberOptions } from './options.ts'

/** Messages a second. Source: Meta, Cloud API, "Throughput": 80, or 20 for a number that is used in the app too. */
export const throughputOf = (number: NumberOptions): number => number.throughput ?? (number.onBizApp === true ? 20 : 80)
