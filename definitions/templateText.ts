/** A `{{name}}` in the text of a template. `index` is where its braces begin, `length` counts them too. */
export interface TemplateParameter {
  /** Between the braces, without spaces around it: letters (`name`) or digits (`1`). */
  name: string
  index: number
  length: number
}

const parameter = /\{\{([^{}]*)\}\}/g

/** The parameters of a template text, in order; one that stands twice is listed twice. */
export function parametersIn(text: string): TemplateParameter[] {
  return [...text.matchAll(parameter)].map((match) => ({
    name: match[1]!.trim(),
    index: match.index,
    length: match[0].length,
  }))
}

/** Puts values where the parameters stand, as WhatsApp will: for previews. */
export function fillParameters(text: string, value: (name: string) => string): string {
  return text.replace(parameter, (_, name: string) => value(name.trim()))
}

/** Where braces stand that belong to no parameter (`{{name`, `name}}`, `{{{x}}}`): WhatsApp refuses such a text. */
export function strayBraces(text: string): number[] {
  const rest = text.replace(parameter, (whole) => ' '.repeat(whole.length))
  return [...rest.matchAll(/\{\{|\}\}/g)].map((match) => match.index)
}

/** What the buttons say, in their order; '' where WhatsApp has words of its own. */
export function buttonLabels(buttons: readonly object[] = []): string[] {
  return buttons.map((button) => ('text' in button && typeof button.text === 'string' ? button.text : ''))
}

/** How a template names its parameters. `mixed` is not allowed. Source: Meta, Cloud API, "Templates", `parameter_format`. */
export function parameterFormat(names: readonly string[]): 'NAMED' | 'POSITIONAL' | 'mixed' {
  const numbered = names.filter((name) => /^\d+$/.test(name)).length
  if (numbered === 0) return 'NAMED'
  return numbered === names.length ? 'POSITIONAL' : 'mixed'
}
