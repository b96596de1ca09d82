// Figures: what a service counts, and how Prometheus reads it.
// Prometheus text exposition format 0.0.4

export type Figures = {
  /** Adds to a counter; its name says what is counted: `messages_accepted_total`. */
  add(name: FigureName, by?: number): void
  /** Sets a gauge. */
  set(name: FigureName, value: number): void
  /** Asked for each time the figures are read: for what is cheaper to look up than to keep. */
  observe(name: FigureName, read: () => number): void
  snapshot(): Record<string, number>
  /** Prometheus text; every name is prefixed `scop_<service>_`. */
  format(service: string): string
}

/** Lower-case words joined by `_`; a counter ends in `_total`. */
export type FigureName = Lowercase<string>

export function createFigures(): Figures {
  const values = new Map<FigureName, number>()
  const observed = new Map<FigureName, () => number>()
  const snapshot = (): Record<string, number> => {
    const all: Record<string, number> = Object.fromEntries(values)
    for (const [name, read] of observed) all[name] = read()
    return all
  }
  return {
    add: (name, by = 1) => void values.set(name, (values.get(name) ?? 0) + by),
    set: (name, value) => void values.set(name, value),
    observe: (name, read) => void observed.set(name, read),
    snapshot,
    format: (service) =>
      Object.entries(snapshot())
        .map(([name, value]) => {
          const full = `scop_${service.replaceAll('-', '_')}_${name}`
          return `# TYPE ${full} ${name.endsWith('_total') ? 'counter' : 'gauge'}\n${full} ${value}\n`
        })
        .join(''),
  }
}
