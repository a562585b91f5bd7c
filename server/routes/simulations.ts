import type { Api, ApiParts } from '../api.ts'
import { requestOf, simulationBody } from '../simulation/draft.ts'
import { simulationReport } from '../simulation/report.ts'
import type { SimulationBounds } from '../simulation/request.ts'
import { createSimulator } from '../simulation/simulator.ts'

/** Less than the command line may: a server has other things to do. */
const BOUNDS: SimulationBounds = { eventsMax: 100_000, contactsMax: 20_000, wallMs: 120_000 }
const BODY_BYTES_MAX = 16 * 1_048_576

/** Trying definitions before they are applied. */
export function simulationRoutes(api: Api, { denrei }: ApiParts): void {
  const simulator = createSimulator(BOUNDS)
  api.addHook('onClose', () => simulator.close())

  api.post(
    '/v1/simulations',
    {
      config: { permission: 'administer' },
      bodyLimit: BODY_BYTES_MAX,
      schema: {
        operationId: 'simulate',
        tags: ['simulations'],
        summary: 'What drafts would do and cost, on events that are given, made up, or recorded. Changes nothing',
        body: simulationBody,
        response: { 200: simulationReport },
      },
    },
    async ({ body }, reply) => {
      const gone = new AbortController()
      // Who has hung up does not read the answer.
      reply.raw.once('close', () => gone.abort())
      return simulator.run(await requestOf(denrei, body, BOUNDS), gone.signal)
    },
  )
}
