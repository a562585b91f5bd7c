import { defineConfig } from 'vitest/config'

export default defineConfig({
  // `import 'denrei'` in a test means the sources, not a bundle that may be old.
  resolve: { conditions: ['denrei-source', 'node'] },
  ssr: { resolve: { conditions: ['denrei-source', 'node'] } },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    // `.ci/run` reads the count of tests from this file.
    reporters: ['default', ['json', { outputFile: 'node_modules/.cache/tests.json' }]],
  },
})
