import { parentPort, workerData } from 'node:worker_threads'
import { AppError } from '#engine/errors.ts'
import type { SimulationReport } from './report.ts'
import type { SimulationBounds, SimulationRequest } from './request.ts'
import { simulate } from './simulate.ts'

/** What a thread is given. */
export interface ThreadWork {
  request: SimulationRequest
  bounds: SimulationBounds
}

/** What it says, once. A fault of the request keeps its code; anything else is a bug and ends the thread. */
export type ThreadAnswer =
  | { kind: 'report'; report: SimulationReport }
  | { kind: 'fault'; code: string; message: string; retryable: boolean; details: Record<string, unknown> }

/* The entry of a thread that simulates, so that the server answers meanwhile. */

if (parentPort === null) throw new Error('This is the entry of a worker thread.')
const { request, bounds } = workerData as ThreadWork
let answer: ThreadAnswer
try {
  answer = { kind: 'report', report: await simulate(request, { bounds }) }
} catch (error) {
  if (!(error instanceof AppError)) throw error
  const { code, message, retryable, details } = error
  answer = { kind: 'fault', code, message, retryable, details }
}
parentPort.postMessage(answer)
