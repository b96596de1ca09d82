// When a service that has ended is started again: soon at first, then later and later, never all at once.

export type RestartPolicy = {
  readonly firstMs: number
  readonly longestMs: number
  /** The longest wait for one that has served: it is known to work, and others wait for it. */
  readonly longestServedMs: number
  readonly stableMs: number
}

export type RestartState = { readonly failures: number }

/** After an end: how long to wait. One that ran for `stableMs` begins anew. `random` is in [0, 1). */
export function afterEnd(
  state: RestartState,
  { ranMs, served }: { readonly ranMs: number; readonly served: boolean },
  random: number,
  policy: RestartPolicy,
): { readonly state: RestartState; readonly waitMs: number } {
  const failures = ranMs >= policy.stableMs ? 0 : state.failures
  const longestMs = served ? Math.min(policy.longestServedMs, policy.longestMs) : policy.longestMs
  const whole = Math.min(policy.firstMs * 2 ** Math.min(failures, 30), longestMs)
  return { state: { failures: failures + 1 }, waitMs: Math.round(whole / 2 + (whole / 2) * random) }
}
