// The shapes of the benchmark of names: a file `bench/dns/<name>.section.ts` exports `section`, and the runner finds it.

export type Section = {
  readonly name: string
  /** Programs without which it is left out. */
  readonly tools: readonly string[]
  /** Starts what it needs, which the lab ends. */
  open(lab: Lab): Promise<readonly Comparison[]>
}

/** What one thing costs us and another program, measured in turns. */
export type Comparison = {
  readonly name: string
  /** Of a cost: less is better. `us` is CPU time of the server's process, user and system. */
  readonly unit: string
  /** Absent: only we are measured. */
  readonly peer?: string
  /** The peer's cost divided by ours: how many times as fast we are for the same CPU time. Or, without a peer, our cost at most. */
  readonly goal?: number | undefined
  ours(): Promise<number>
  theirs?(): Promise<number>
}

export type Lab = {
  /** A temporary directory of this section. */
  readonly directory: string
  /** How long one measurement of a load lasts. */
  readonly seconds: number
  /** A server, ended with the section; resolves when it answers DNS by TCP at `address`, port 53. */
  serve(program: string, arguments_: readonly string[], address: string): Promise<{ readonly pid: number }>
  /** Of ours: a module of bench/dns on this Node. */
  serveOurs(module: string, arguments_: readonly string[], address: string): Promise<{ readonly pid: number }>
  /** Runs to its end and gives what it said; rejects if it failed. */
  run(program: string, arguments_: readonly string[]): Promise<string>
  onEnd(work: () => void): void
}

/** Free addresses in the benchmark's network namespace. */
export const ADDRESSES = {
  ours: '127.0.0.12',
  named: '127.0.0.20',
  knot: '127.0.0.21',
  unbound: '127.0.0.53',
  unboundAsking: '127.0.0.56',
  bindResolver: '127.0.0.54',
  resolver: '127.0.0.55',
  resolverAsking: '127.0.0.57',
  upstream: '127.0.0.60',
} as const
