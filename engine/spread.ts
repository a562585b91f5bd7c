/**
 * Where in a stretch of time something falls: evenly over many ids, and always the same for one. FNV-1a, 32 bits.
 *
 * @param withinMs 0 or more, a whole number
 * @returns 0 to `withinMs`
 */
export function spread(id: string, withinMs: number): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193)
  // The low bits of FNV follow the last character; ids that differ there only would fall side by side.
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  return (hash >>> 0) % (withinMs + 1)
}
