import { afterEach, beforeEach } from 'vitest'
import type { Store } from '#engine/store.ts'

/** Makes an empty store. */
export type Open = () => Promise<{ store: Store; close(): Promise<void> }>

/** A fresh store for each case of the suite that calls this. */
export function eachWith(open: Open): { readonly store: Store } {
  let world: Awaited<ReturnType<Open>> | null = null
  beforeEach(async () => {
    world = await open()
  })
  afterEach(async () => {
    await world?.close()
    world = null
  })
  return {
    get store() {
      if (world === null) throw new Error('There is a store only while a case runs.')
      return world.store
    },
  }
}
