import { Worker } from 'node:worker_threads'
import { AppError } from '#engine/errors.ts'
import { Stopping } from '../errors.ts'
import { SimulationBusy, SimulationCancelled, SimulationTooLarge } from './errors.ts'
import type { SimulationReport } from './report.ts'
import type { SimulationBounds, SimulationRequest } from './request.ts'
import type { ThreadAnswer, ThreadWork } from './worker.ts'

/** Runs simulations beside the server, one at a time. */
export interface Simulator {
  /**
   * @param signal stops it
   * @throws SimulationBusy while another one runs, SimulationTooLarge, SimulationCancelled, Stopping, and what `simulate` throws
   */
  run(request: SimulationRequest, signal?: AbortSignal): Promise<SimulationReport>
  /** Ends the one that runs. */
  close(): Promise<void>
}

/** Of the JavaScript in the thread; the tables of the store lie beside it. */
const HEAP_MB = 1024
/** After its time a simulation stops by itself at its next step; a thread that does not is ended. */
const GRACE_MS = 10_000

/** Beside this file while the sources run, beside the bundle's chunks when that does. */
const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './simulation.js', import.meta.url)

export function createSimulator(bounds: SimulationBounds): Simulator {
  let current: { worker: Worker; stop: (fault: AppError) => void } | null = null
  let closed = false

  function begin(request: SimulationRequest, signal: AbortSignal | undefined): Promise<SimulationReport> {
    const workerData: ThreadWork = { request, bounds }
    const worker = new Worker(ENTRY, {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: 64 },
      execArgv: [],
    })
    return new Promise((resolve, reject) => {
      let end = (settle: () => void): void => {
        end = () => undefined
        clearTimeout(timer)
        signal?.removeEventListener('abort', cancel)
        current = null
        settle()
        void worker.terminate()
      }
      const stop = (fault: AppError) => end(() => reject(fault))
      const cancel = () => stop(new SimulationCancelled('The simulation was stopped.'))
      const timer = setTimeout(() => stop(tooLong(bounds)), bounds.wallMs + GRACE_MS)
      signal?.addEventListener('abort', cancel)
      worker.on('message', (answer: ThreadAnswer) =>
        end(() => (answer.kind === 'report' ? resolve(answer.report) : reject(faultOf(answer)))),
      )
      worker.on('error', (error: Error) => end(() => reject(isOutOfMemory(error) ? tooMuch() : error)))
      worker.on('exit', (code) =>
        end(() => reject(new Error(`The thread of the simulation ended with ${code} and said nothing.`))),
      )
      current = { worker, stop }
    })
  }

  return {
    async run(request, signal) {
      if (closed) throw stopping()
      if (current !== null)
        throw new SimulationBusy('Another simulation runs. Try again when it has ended.', { retryAfterSeconds: 10 })
      if (signal?.aborted === true) throw new SimulationCancelled('The simulation was stopped.')
      return begin(request, signal)
    },
    async close() {
      closed = true
      const worker = current?.worker
      current?.stop(stopping())
      await worker?.terminate()
    },
  }
}

const stopping = () => new Stopping('The server is stopping. Send again a little later.')
const tooLong = ({ wallMs }: SimulationBounds) =>
  new SimulationTooLarge(
    `The simulation took longer than ${Math.round(wallMs / 1000)} s. Try a shorter time, or fewer people.`,
    { wallMs },
  )
const tooMuch = () =>
  new SimulationTooLarge('The simulation needs more memory than it may have. Try a shorter time, or fewer people.')
const isOutOfMemory = (error: unknown) =>
  error instanceof Error && 'code' in error && String(error.code).endsWith('_OUT_OF_MEMORY')

/** A fault that crossed from a thread: what its class was is lost, its code is not. */
class ThreadFault extends AppError {
  readonly code: string
  readonly retryable: boolean

  constructor({ code, message, retryable, details }: Extract<ThreadAnswer, { kind: 'fault' }>) {
    super(message, details)
    this.code = code
    this.retryable = retryable
  }
}

const faultOf = (answer: Extract<ThreadAnswer, { kind: 'fault' }>): AppError => new ThreadFault(answer)
