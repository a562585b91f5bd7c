import type { Random } from '#emulator/random.ts'
import type { Store } from '#engine/store.ts'

/** Hears every call of the store at once after it was made, before anything else runs. */
export interface StoreWatch {
  /** @returns the arguments to use instead, when it wants to look into them */
  before(method: string, args: unknown[]): unknown[]
  after(method: string, args: unknown[], made: Promise<unknown>): void
}

/** One run of the process, from its start to its death. */
export class Life {
  dead = false
  /** Resolves when the process has died. */
  readonly died: Promise<'died'>
  private tellDeath: (word: 'died') => void = () => undefined
  private readonly onDeath: () => void

  constructor(onDeath: () => void) {
    this.onDeath = onDeath
    this.died = new Promise((resolve) => (this.tellDeath = resolve))
  }

  die(): void {
    if (this.dead) return
    this.dead = true
    this.onDeath()
    this.tellDeath('died')
  }
}

const never = <T>(): Promise<T> => new Promise(() => undefined)

/**
 * The store as a process sees it that may be killed at any moment: between two calls of the store, or after a commit
 * that nobody heard of any more. Calls of a dead process do nothing and never return, so none of its code goes on.
 */
export function mortal(store: Store, life: Life, random: Random, crashRate: () => number, watch: StoreWatch): Store {
  return new Proxy(store, {
    get(target, method: keyof Store) {
      return (...args: unknown[]) => {
        if (life.dead) return never()
        const crash = random.chance(crashRate())
        if (crash && random.chance(0.5)) {
          life.die()
          return never()
        }
        const used = watch.before(method, args)
        const made = (target[method] as (...args: unknown[]) => Promise<unknown>)(...used)
        watch.after(method, used, made)
        if (crash) life.die()
        const unlessDead = <T>(value: T): T | Promise<T> => (life.dead ? never<T>() : value)
        return made.then(unlessDead, (error: unknown) => (life.dead ? never() : Promise.reject(error as Error)))
      }
    },
  })
}
