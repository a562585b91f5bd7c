/** From one node to another; nodes are numbers. */
export interface Edge {
  from: number
  to: number
}

/**
 * Circles of a graph: for each node that lies on one, the shortest through it.
 *
 * @param isIdle whether an edge can be left out, seen among all edges that lead round together with it; asked again as
 *   long as leaving some out makes others idle
 */
export function cycles<E extends Edge>(edges: readonly E[], isIdle: (edge: E, around: readonly E[]) => boolean): E[][] {
  let left = withinComponents(edges)
  for (;;) {
    const groups = Map.groupBy(left.edges, (edge) => left.componentOf.get(edge.from)!)
    const busy = [...groups.values()].flatMap((around) => around.filter((edge) => !isIdle(edge, around)))
    if (busy.length === left.edges.length) break
    left = withinComponents(busy)
  }
  const out = Map.groupBy(left.edges, (edge) => edge.from)
  return [...out.keys()].map((node) => shortestThrough(node, out))
}

/** Breadth first, so the first way back is the shortest. Every node here lies on a circle. */
function shortestThrough<E extends Edge>(start: number, out: ReadonlyMap<number, readonly E[]>): E[] {
  const cameBy = new Map<number, E>()
  const queue = [start]
  for (const node of queue) {
    for (const edge of out.get(node) ?? []) {
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
  throw new Error(`Node ${start} lies on no circle.`)
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
