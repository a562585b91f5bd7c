import { InvalidInput } from '#engine/errors.ts'
import type { Connecting } from '#server/connecting.ts'
import type { Denrei } from '#server/denrei.ts'
import { inWords } from '#server/routes/setup.ts'
import type { StepName } from '#server/setup/document.ts'
import { SetupRefused } from '#server/setup/errors.ts'
import { viewOf, type SetupView } from '#server/setup/view.ts'
import { callServer } from '../remote.ts'
import type { Language } from '../texts.ts'

/** Set-ups, in a running server or in one of our own. */
export interface ConnectDoor {
  start(): Promise<SetupView>
  list(): Promise<SetupView[]>
  /** @throws AppError with the refusal in words */
  step(id: string, step: StepName, input: object): Promise<SetupView>
}

export function localDoor(
  { denrei, connecting }: { denrei: Pick<Denrei, 'clock'>; connecting: Connecting },
  language: Language,
): ConnectDoor {
  const { setups } = connecting
  const now = () => denrei.clock.now()
  return {
    start: async () => viewOf(await setups.start('cli'), now(), language),
    list: async () => (await setups.list()).map((one) => viewOf(one, now(), language)),
    async step(id, step, input) {
      try {
        return viewOf(await setups.step(id, step, input), now(), language)
      } catch (error) {
        throw error instanceof SetupRefused ? inWords(error, language) : error
      }
    },
  }
}

/** @throws InvalidInput when no key is there */
export function remoteDoor(url: string, key: string | undefined, language: Language): ConnectDoor {
  if (key === undefined || key === '') {
    throw new InvalidInput('Set DENREI_KEY to an admin key of the server.', { variable: 'DENREI_KEY' })
  }
  const call = <T>(method: 'GET' | 'POST', path: string, body?: object) =>
    callServer<T>({ url, key }, method, `${path}?language=${language}`, body)
  return {
    start: () => call('POST', '/v1/setups'),
    list: async () => (await call<{ items: SetupView[] }>('GET', '/v1/setups')).items,
    step: (id, step, input) => call('POST', `/v1/setups/${encodeURIComponent(id)}/steps/${step}`, input),
  }
}
