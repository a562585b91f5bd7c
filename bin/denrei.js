#!/usr/bin/env node
// A checkout runs its sources, which need Node 24 (npm scripts bring it); the published package runs the bundle.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const sources = new URL('../cli/main.ts', import.meta.url)
const bundle = new URL('../dist/cli.js', import.meta.url)
if (process.features.typescript && existsSync(fileURLToPath(sources))) {
  await import(sources.href)
} else if (existsSync(fileURLToPath(bundle))) {
  await import(bundle.href)
} else {
  console.error(
    `Denrei runs its sources on Node 24 or newer; this is ${process.version}. Use "npm run denrei --" in a checkout, which brings its own.`,
  )
  process.exit(1)
}
