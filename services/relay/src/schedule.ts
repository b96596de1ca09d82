// When to try again, and when to give up. Pure: the clock and the dice are arguments.
// RFC 5321 §4.5.4.1 (sending strategy)

export type ScheduleSettings = {
  readonly 'retry-first-seconds': number
  readonly 'retry-longest-seconds': number
  readonly 'delay-notice-seconds': number
  readonly 'expire-seconds': number
}

/** The pause before the next attempt doubles from the first to the longest; `random` (0 ≤ r < 1) moves it by up to a fifth either way,
 *  so that what failed together does not come back together. */
export function nextAttemptAtMs(attempts: number, nowMs: number, settings: ScheduleSettings, random: number): number {
  const doubled = settings['retry-first-seconds'] * 2 ** Math.min(Math.max(attempts - 1, 0), 30)
  const pauseMs = 1000 * Math.min(doubled, settings['retry-longest-seconds'])
  return Math.round(nowMs + pauseMs * (1 - JITTER + 2 * JITTER * random))
}

export function expiresAtMs(enqueuedAtMs: number, settings: ScheduleSettings): number {
  return enqueuedAtMs + settings['expire-seconds'] * 1000
}

/** Whether the sender should hear now that the message is late. */
export function delayNoticeDue(
  entry: { readonly enqueuedAtMs: number; readonly delayNoticed: boolean },
  nowMs: number,
  settings: ScheduleSettings,
): boolean {
  return !entry.delayNoticed && nowMs - entry.enqueuedAtMs >= settings['delay-notice-seconds'] * 1000
}

const JITTER = 0.2
