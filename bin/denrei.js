#!/usr/bin/env node
// The published package runs the bundle; a checkout runs the sources, which need Node 24 (npm scripts bring it).
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const bundle = new URL('../dist/cli.js', import.meta.url)
if (existsSync(fileURLToPath(bundle))) {
  await import(bundle.href)
} else if (process.features.typescript) {
  await import(new URL('../cli/main.ts', import.meta.url).href)
} else {
  console.error(
    `Denrei runs its sources on Node 24 or newer; this is ${process.version}. Use "npm run denrei --" in a checkout, which brings its own.`,
  )
  process.exit(1)
}
