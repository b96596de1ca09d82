// A cycle in a directed graph.

/** The nodes of one cycle in order, or undefined. Edges to nodes that are not in `graph` lead nowhere. */
export function findCycle(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const finished = new Set<string>()
  for (const start of graph.keys()) {
    const trail: { readonly node: string; next: number }[] = [{ node: start, next: 0 }]
    const onTrail = new Set([start])
    while (trail.length > 0) {
      const step = trail.at(-1)
      if (step === undefined) break
      const edge = finished.has(step.node) ? undefined : graph.get(step.node)?.[step.next++]
      if (edge === undefined) {
        finished.add(step.node)
        onTrail.delete(step.node)
        trail.pop()
      } else if (onTrail.has(edge)) {
        const nodes = trail.map(({ node }) => node)
        return nodes.slice(nodes.indexOf(edge))
      } else if (!finished.has(edge)) {
        trail.push({ node: edge, next: 0 })
        onTrail.add(edge)
      }
    }
  }
  return undefined
}
