/** From one node to another; nodes are numbers. */
export interface Edge {
  from: number
  to: number
}

/** Looks at edges that lead round together, and tells which of them can be left out. */
export type FindIdle<E> = (around: readonly E[]) => (edge: E) => boolean

/**
 * Circles of a graph, so many that every node that lies on a circle lies on one of them.
 *
 * @param findIdle is asked again as long as leaving some edges out makes others idle
 */
export function cycles<E extends Edge>(edges: readonly E[], findIdle: FindIdle<E>): E[][] {
  let left = withinComponents(edges)
  for (;;) {
    const groups = Map.groupBy(left.edges, (edge) => left.componentOf.get(edge.from)!)
    const busy = [...groups.values()].flatMap((around) => {
      const isIdle = findIdle(around)
      return around.filter((edge) => !isIdle(edge))
    })
    if (busy.length === left.edges.length) break
    left = withinComponents(busy)
  }
  const out = Map.groupBy(left.edges, (edge) => edge.from)
  const told = new Set<number>()
  const found: E[][] = []
  for (const node of out.keys()) {
    if (told.has(node)) continue
    const cycle = telling(node, out, findIdle)
    for (const { from } of cycle) told.add(from)
    found.push(cycle)
  }
  return found
}

/**
 * The shortest circle through a node that does not come to rest by itself. When each does and only all of them together
 * do not, the shortest of all stands for them.
 */
function telling<E extends Edge>(node: number, out: ReadonlyMap<number, readonly E[]>, findIdle: FindIdle<E>): E[] {
  const without = new Set<E>()
  const first = shortestThrough(node, out, without)!
  for (let cycle: E[] | null = first; cycle !== null; cycle = shortestThrough(node, out, without)) {
    const idle = cycle.filter(findIdle(cycle))
    if (idle.length === 0) return cycle
    for (const edge of idle) without.add(edge)
  }
  return first
}

/** Breadth first, so the first way back is the shortest; null when there is none. */
function shortestThrough<E extends Edge>(
  start: number,
  out: ReadonlyMap<number, readonly E[]>,
  without: ReadonlySet<E>,
): E[] | null {
  const cameBy = new Map<number, E>()
  const queue = [start]
  for (const node of queue) {
    for (const edge of out.get(node) ?? []) {
      if (without.has(edge)) continue
      if (edge.to === start) {
        const path = [edge]
        for (let at = node; at !== start; at = path[0]!.from) path.unshift(cameBy.get(at)!)
        return path
      }
      if (cameBy.has(edge.to)) continue
      cameBy.set(edge.to, edge)
      queue.push(edge.to)
    }
  }
  return null
}

/** The edges that lie on some circle, and the strongly connected component of each node (Tarjan's algorithm). */
function withinComponents<E extends Edge>(edges: readonly E[]) {
  const out = Map.groupBy(edges, (edge) => edge.from)
  const order = new Map<number, number>()
  const low = new Map<number, number>()
  const componentOf = new Map<number, number>()
  const stack: number[] = []
  for (const root of out.keys()) {
    if (order.has(root)) continue
    // By hand, not by recursion: a chain of rules may be long.
    const work = [{ node: root, next: 0 }]
    while (work.length > 0) {
      const frame = work.at(-1)!
      const { node } = frame
      if (frame.next === 0) {
        order.set(node, order.size)
        low.set(node, order.get(node)!)
        stack.push(node)
      }
      const edge = out.get(node)?.[frame.next++]
      if (edge !== undefined) {
        if (!order.has(edge.to)) work.push({ node: edge.to, next: 0 })
        else if (!componentOf.has(edge.to)) low.set(node, Math.min(low.get(node)!, order.get(edge.to)!))
        continue
      }
      work.pop()
      const parent = work.at(-1)?.node
      if (parent !== undefined) low.set(parent, Math.min(low.get(parent)!, low.get(node)!))
      if (low.get(node) !== order.get(node)) continue
      for (let member = stack.pop(); member !== undefined; member = member === node ? undefined : stack.pop()) {
        componentOf.set(member, node)
      }
    }
  }
  return { componentOf, edges: edges.filter(({ from, to }) => componentOf.get(from) === componentOf.get(to)) }
}
