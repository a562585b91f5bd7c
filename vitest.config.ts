import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    // `.ci/run` reads the count of tests from this file.
    reporters: ['default', ['json', { outputFile: 'node_modules/.cache/tests.json' }]],
  },
})
