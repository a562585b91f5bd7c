import { fileURLToPath } from 'node:url'

/** The definitions that Denrei ships with. One folder below the root, so that the bundle finds them like the sources do. */
export const LIBRARY = fileURLToPath(new URL('../definitions/library', import.meta.url))
