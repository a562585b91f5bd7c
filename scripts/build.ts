import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'

/**
 * Makes `dist/`, which is what other projects import: Node strips no types below `node_modules`. One bundle with shared
 * chunks, packages left outside.
 *
 *     node scripts/build.ts            the JavaScript (a second; after every `npm ci`)
 *     node scripts/build.ts --types    the declarations too (before packing)
 *     node scripts/build.ts --out DIR  somewhere else than `dist/`
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({ options: { types: { type: 'boolean' }, out: { type: 'string' } } })
const dist = resolve(root, values.out ?? 'dist')
const ENTRIES = {
  library: 'server/library.ts',
  fastify: 'server/plugin.ts',
  definitions: 'definitions/definitions.ts',
  cli: 'cli/main.ts',
  simulation: 'server/simulation/worker.ts',
}

rmSync(dist, { recursive: true, force: true })
await build({
  absWorkingDir: root,
  entryPoints: ENTRIES,
  outdir: dist,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  packages: 'external',
  conditions: ['denrei-source'],
  sourcemap: true,
  logLevel: 'warning',
})
// Read at run time, beside the code that reads them.
cpSync(join(root, 'store/sqlite/migrations'), join(dist, 'migrations'), { recursive: true })
cpSync(join(root, 'cli/demo/events.jsonl'), join(dist, 'events.jsonl'))
if (values.types === true) declare()

function declare(): void {
  const types = join(dist, 'types')
  const options = [
    '--noEmit',
    'false',
    '--declaration',
    '--emitDeclarationOnly',
    '--incremental',
    'false',
    '--rootDir',
    root,
    '--outDir',
    types,
  ]
  execFileSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json'), ...options],
    { stdio: 'inherit' },
  )
  for (const file of readdirSync(types, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.d.ts')) continue
    const path = join(types, file)
    writeFileSync(path, importable(readFileSync(path, 'utf8'), dirname(path), types))
  }
}

/** Rooms and `.ts` endings mean something in this house only. */
function importable(text: string, folder: string, types: string): string {
  return text
    .replace(/(['"])#(\w+)\/([^'"]+)\.ts\1/g, (_, quote: string, room: string, path: string) => {
      const to = relative(folder, join(types, room, `${path}.js`))
      return `${quote}${to.startsWith('.') ? to : `./${to}`}${quote}`
    })
    .replace(/(['"])(\.{1,2}\/[^'"]+)\.ts\1/g, '$1$2.js$1')
}
