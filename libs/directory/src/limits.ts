// Every bound of the directory, in one record.

export type Limits = {
  /** One file of the repository. */
  readonly fileOctets: number
  /** Targets of one alias. */
  readonly aliasTargets: number
  /** Edits of one change. */
  readonly editsPerChange: number
  readonly authorCharacters: number
  readonly reasonCharacters: number
  /** Entries that `history` answers at the most. */
  readonly historyEntries: number
  /** Of a new SCRAM verifier. Accounts keep theirs until the password is set again. */
  readonly scramIterations: number
  /** Of a new argon2id hash. */
  readonly argon2: Argon2Cost
  /** Argon2 computations under way at once. Each takes `argon2.memoryKibibytes` and a core. */
  readonly passwordChecks: number
  /** Those that may wait for one; beyond, the answer is a temporary failure. */
  readonly passwordChecksWaiting: number
  /** How often a change is tried again when somebody else changed the repository meanwhile. */
  readonly attempts: number
  /** How long the lock of the branch is waited for. */
  readonly lockWaitMs: number
  /** A lock this old belongs to a process that died. */
  readonly staleLockMs: number
}

export type Argon2Cost = {
  readonly memoryKibibytes: number
  readonly passes: number
  readonly parallelism: number
}

export const DEFAULT_LIMITS: Limits = {
  fileOctets: 64 * 1024,
  aliasTargets: 500,
  editsPerChange: 1000,
  authorCharacters: 200,
  reasonCharacters: 1000,
  historyEntries: 10_000,
  scramIterations: 10_000,
  argon2: { memoryKibibytes: 19 * 1024, passes: 2, parallelism: 1 },
  passwordChecks: 2,
  passwordChecksWaiting: 128,
  attempts: 100,
  lockWaitMs: 20_000,
  staleLockMs: 10_000,
}
