import { spawn, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

/** A real `denrei start` in a process of its own, which a test may kill. */
export interface ServerProcess {
  url: string
  /** Only on the first start of a database. */
  adminKey?: string
  pid: number
  /** How long from spawning to listening, in ms. */
  startedInMs: number
  /** What it has printed to stderr. */
  log(): string
  /** SIGKILL: nothing is flushed, nothing is said. */
  kill(): Promise<void>
  /** SIGTERM: it finishes what is in flight. @returns the exit code */
  stop(): Promise<number | null>
}

/** A port that was free a moment ago, for a server that must come back at the same address. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new TypeError('no port')
  return address.port
}

/** @param env the variables of the server; PATH and the like are passed on */
export async function startProcess(
  env: Record<string, string>,
  args = ['cli/main.ts', 'start', '--json'],
): Promise<ServerProcess> {
  const began = performance.now()
  const child = spawn(process.execPath, args, {
    env: { ...process.env, DENREI_LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-20_000)))
  const line = await firstLine(child, () => stderr)
  const { url, adminKey } = JSON.parse(line) as { url: string; adminKey?: string }
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    url,
    ...(adminKey === undefined ? {} : { adminKey }),
    pid: child.pid ?? 0,
    startedInMs: performance.now() - began,
    log: () => stderr,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}

function firstLine(child: ChildProcess, stderr: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) return reject(new TypeError('no stdout'))
    const lines = createInterface({ input: child.stdout })
    // Log lines may come before the result; the result is the one that names the address.
    lines.on('line', (line) => {
      if (line.includes('"url"')) resolve(line)
    })
    child.once('exit', (code) =>
      reject(new Error(`the server ended with ${String(code)} before it listened:\n${stderr()}`)),
    )
  })
}
