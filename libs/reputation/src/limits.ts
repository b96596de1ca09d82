// Every bound of this library, and every threshold of its judgement, in one place.

export type ReputationLimits = {
  /** Subjects kept; beyond it one is forgotten for each that comes: see `ReputationBook`. */
  readonly subjects: number
  /** Characters of one line of an import. */
  readonly lineCharacters: number
  /** The largest count that a line may bring. */
  readonly count: number
  /** Domains of one message that are counted. */
  readonly domains: number
}

export const REPUTATION_LIMITS: ReputationLimits = {
  subjects: 100_000,
  lineCharacters: 4096,
  count: 1e9,
  domains: 4,
}

export type ReputationPolicy = {
  /** After so long a count is worth half. */
  readonly halfLifeSeconds: number
  /** Events of no class at all, that every subject is taken to have had: one bad mail does not make a bad sender. */
  readonly prior: number
  /** From a score of so much on: listed as good. */
  readonly goodFrom: number
  /** At a score of so much or less; the three lie below zero, each at or below the one before. */
  readonly greylistAt: number
  readonly tarpitAt: number
  readonly refuseAt: number
  /** Events, faded, that must have been seen before any judgement but neutral. */
  readonly evidenceForAny: number
  /** And before `refuse`. */
  readonly evidenceForRefusal: number
  /** The first ban; each further one is four times as long, up to the longest. */
  readonly firstBanSeconds: number
  readonly longestBanSeconds: number
  /** A ban that ended so long ago is not counted as one before. */
  readonly forgivenAfterSeconds: number
}

export const REPUTATION_POLICY: ReputationPolicy = {
  halfLifeSeconds: 7 * 86_400,
  prior: 5,
  goodFrom: 40,
  greylistAt: -20,
  tarpitAt: -40,
  refuseAt: -60,
  evidenceForAny: 10,
  evidenceForRefusal: 20,
  firstBanSeconds: 3600,
  longestBanSeconds: 30 * 86_400,
  forgivenAfterSeconds: 90 * 86_400,
}
