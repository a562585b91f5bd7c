/** A form field is a text, or a form of its own: `metadata[purchase]=1`, `expand[0]=latest_charge`. */
export type Form = { [name: string]: string | Form }

/**
 * Reads a body or a query as Stripe does. Names are nested by brackets.
 * Source: Stripe, "API reference" (form-encoded request bodies).
 */
export function readForm(text: string): Form {
  const form = Object.create(null) as Form
  for (const [name, value] of new URLSearchParams(text)) {
    const [first = '', ...rest] = name.split(/\]?\[|\]$/).filter((part, index) => index === 0 || part !== '')
    let place = form
    const path = [first, ...rest]
    for (const part of path.slice(0, -1)) {
      const next = place[part]
      place = typeof next === 'object' ? next : (place[part] = Object.create(null) as Form)
    }
    place[path.at(-1) ?? first] = value
  }
  return form
}

export const isText = (value: string | Form | undefined): value is string => typeof value === 'string'
