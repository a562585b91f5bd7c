// Only what runs by itself, so that a bundle may hold `standalone.ts` without starting an emulator.
import { runEmulator } from './standalone.ts'

await runEmulator(process.argv.slice(2))
