/* What definitions are written with here. */

export const equal = (fact: string, value: string) => ({ all: [{ fact, operator: 'equal', value }] })

/** Working time of the office. */
export const office = (unit: 'business_days' | 'business_hours', count: number) => ({ unit, count, calendar: 'office' })
