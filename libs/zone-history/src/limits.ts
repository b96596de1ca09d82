// Every bound of the history, in one record.

export type HistoryLimits = {
  /** With so many changes behind, each still has a commit of its own. */
  readonly singleCommits: number
  /** Changes that one commit takes when there are more. */
  readonly changesPerCommit: number
  /** After a commit nothing is done for so many times as long as it took: the rest of the time is for answers. */
  readonly restFactor: number
  /** Octets of text that are made at a stretch. */
  readonly textOctetsAtOnce: number
  /** Commits that are read for one answer. */
  readonly entries: number
  readonly lockWaitMs: number
  readonly staleLockMs: number
}

export const HISTORY_LIMITS: HistoryLimits = {
  singleCommits: 4,
  changesPerCommit: 500,
  restFactor: 4,
  textOctetsAtOnce: 64 * 1024,
  entries: 10_000,
  lockWaitMs: 20_000,
  staleLockMs: 10_000,
}
