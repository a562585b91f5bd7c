// Only what runs by itself, so that a bundle may hold `standalone.ts` without starting an emulator.
import { runEmulator } from './standalone.ts'

const emulator = await runEmulator(process.argv.slice(2))
const stop = (): void => void emulator.close()
process.once('SIGINT', stop)
process.once('SIGTERM', stop)
