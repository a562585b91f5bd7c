import { AppError } from '#engine/errors.ts'
import type { SetupView, StepView } from '#server/setup/view.ts'
import { EXIT } from '../context.ts'
import type { Output } from '../output.ts'
import { say } from '../texts.ts'
import { SOURCES } from './answers.ts'
import type { ConnectDoor } from './door.ts'

/** Where the input of a step comes from; null: nobody can say, so the walk stops there. */
export type Answering = (view: StepView) => Promise<{ input: object; mayAskAgain: boolean } | null>

/** Refusals that somebody mends by another answer; the rest end the walk. */
const MENDED_HERE = new Set(['ERR_SETUP_REFUSED', 'ERR_INVALID_INPUT'])

/**
 * Goes from step to step until all are done, nobody can answer, or something outside has to change first. Where it stops, the next
 * call goes on.
 */
export async function walk(door: ConnectDoor, begun: SetupView, answer: Answering, output: Output): Promise<number> {
  let view = begun
  const shown = new Set<string>()
  for (;;) {
    for (const step of view.steps) showDone(step, shown, output)
    const step = view.steps.find((one) => one.step === view.current)
    if (step === undefined) return finish(view, output)
    if (step.state === 'blocked' && step.problem?.until) return stop(view, step, output)
    if (!shown.has(step.step)) output.line(`\n${step.title}: ${step.todo ?? ''}`)
    shown.add(step.step)
    for (const choice of step.choices ?? []) showChoice(step, choice, shown, output)
    const given = await answer(step)
    if (given === null) return stop(view, step, output)
    try {
      view = await output.progress(step.title, () => door.step(view.id, step.step, given.input))
    } catch (error) {
      if (!(error instanceof AppError) || !given.mayAskAgain || !MENDED_HERE.has(error.code)) throw error
      output.line(`  ! ${error.message}`)
      view = (await door.list()).find(({ id }) => id === view.id) ?? view
    }
  }
}

function showDone({ step, state, title, value }: StepView, shown: Set<string>, output: Output): void {
  if (state !== 'done' || shown.has(`done ${step}`)) return
  shown.add(`done ${step}`)
  const told = labelOf(value)
  output.line(`  ✓ ${title}${told === '' ? '' : `: ${told}`}`)
}

function labelOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return ''
  const { name, displayNumber, nickname, callback, id } = value as Record<string, unknown>
  const label = nickname ?? displayNumber ?? name ?? callback ?? id
  return typeof label === 'string' ? label : ''
}

function showChoice(
  { step }: StepView,
  { id, label, choosable, reasons }: NonNullable<StepView['choices']>[number],
  shown: Set<string>,
  output: Output,
): void {
  if (shown.has(`${step} ${id}`)) return
  shown.add(`${step} ${id}`)
  const why = reasons.map(({ text }) => text).join(' ')
  output.line(`    ${choosable ? '○' : '×'} ${id}  ${label}${why === '' ? '' : `  ${why}`}`)
}

function stop(view: SetupView, step: StepView, output: Output): number {
  const { language } = output
  output.result(
    { setup: view.id, state: view.state, step: step.step, missing: step.missing, problem: step.problem },
    () => {
      if (step.problem !== null) output.line(`  ! ${step.problem.text}`)
      const until = step.problem?.until ?? null
      if (until !== null) output.line(say(language, 'connectUntil', new Date(until).toISOString()))
      else if (SOURCES[step.step].length > 0)
        output.line(say(language, 'connectMissing', step.missing.join(', '), SOURCES[step.step].join(', ')))
      output.line(say(language, 'connectResume', view.id))
    },
  )
  return EXIT.no
}

function finish(view: SetupView, output: Output): number {
  output.result({ setup: view.id, state: view.state, step: null, value: view.steps.at(-1)?.value }, () =>
    output.line(`\n${say(output.language, 'connectDone')}`),
  )
  return EXIT.ok
}
