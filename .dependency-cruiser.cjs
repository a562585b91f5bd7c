// The rooms and what each may import: see docs/adr/0001-rooms.md. Held by `npm run rooms` and by test/rooms.test.ts.
const packages = {
  definitions: ['zod'],
  engine: ['json-rules-engine', 'jsonpath-plus', 'libphonenumber-js', 'node-cron', 'temporal-polyfill', 'xstate'],
  triggers: ['zod', 'libphonenumber-js'],
  actions: ['undici', 'standardwebhooks', 'ipaddr.js', 'stripe', 'zod'],
  store: ['better-sqlite3', 'drizzle-orm', 'drizzle-kit', 'lru-cache'],
  emulator: ['zod', 'fastify', 'undici'],
}
const rooms = {
  definitions: [],
  engine: ['definitions'],
  triggers: ['definitions', 'engine'],
  actions: ['definitions', 'engine'],
  store: ['definitions', 'engine'],
  server: ['definitions', 'engine', 'triggers', 'actions', 'store', 'emulator'],
  cli: ['definitions', 'engine', 'server', 'emulator'],
  emulator: [],
}
const core = { definitions: [], engine: ['node:crypto', 'node:assert', 'node:assert/strict', 'node:util'] }

const escape = (name) => name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
const oneOf = (names) => `(${names.map(escape).join('|')})`

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...Object.entries(rooms).map(([room, may]) => ({
      name: `rooms-of-${room}`,
      comment: `${room}/ may import only ${[room, ...may].join(', ')}.`,
      severity: 'error',
      from: { path: `^${room}/` },
      to: { path: `^${oneOf(Object.keys(rooms).concat('test', 'bench'))}/`, pathNot: `^${oneOf([room, ...may])}/` },
    })),
    {
      name: 'emulator-of-server',
      comment:
        'Of server/ only the simulation plays with an emulated WhatsApp: see docs/adr/0004-the-simulation-lives-in-the-server-room.md.',
      severity: 'error',
      from: { path: '^server/', pathNot: '^server/simulation/' },
      to: { path: '^emulator/' },
    },
    ...Object.entries(packages).map(([room, names]) => ({
      name: `packages-of-${room}`,
      comment: `${room}/ may import only the packages ${names.join(', ')}.`,
      severity: 'error',
      from: { path: `^${room}/` },
      to: { path: '(^|/)node_modules/', pathNot: `(^|/)node_modules/(@types/)?${oneOf(names)}(/|$)` },
    })),
    ...Object.entries(core).map(([room, names]) => ({
      name: `node-of-${room}`,
      comment: `${room}/ touches no I/O of Node.`,
      severity: 'error',
      from: { path: `^${room}/`, pathNot: '^definitions/(schema|files)\\.ts$' },
      to: {
        dependencyTypes: ['core'],
        ...(names.length ? { pathNot: `^${oneOf(names.flatMap((n) => [n, n.replace('node:', '')]))}$` } : {}),
      },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default'], exportsFields: ['exports'] },
  },
}
