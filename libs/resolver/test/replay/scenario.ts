// What a replay scenario is: a configuration, what servers say in which steps, what clients ask and must be told.

import type { Message } from '@scop/dns'

/**
 * `testbound`: Unbound's, in which nothing happens by itself. `deckard`: CZ.NIC's and Knot Resolver's, written for real
 * processes: queries that nobody answers time out, messages have EDNS, `all` means the sections that an entry names.
 */
export type Dialect = 'testbound' | 'deckard'

export type Scenario = {
  readonly title: string
  readonly dialect: Dialect
  readonly config: readonly Setting[]
  /** Files that the configuration names, by their names, as lines. */
  readonly files: ReadonlyMap<string, readonly string[]>
  readonly autotrust: ReadonlyMap<string, readonly string[]>
  readonly ranges: readonly Range[]
  readonly steps: readonly Step[]
}

/** `section` is `server`, `stub-zone` …; `instance` tells two sections of one kind apart. */
export type Setting = {
  readonly section: string
  readonly instance: number
  readonly key: string
  readonly values: readonly string[]
}

export type Range = {
  readonly from: number
  readonly to: number
  /** Empty: any address. */
  readonly addresses: readonly string[]
  readonly entries: readonly Entry[]
}

export type Step = {
  readonly number: number
  readonly kind: StepKind
  readonly address: string | undefined
  readonly entry: Entry | undefined
  /** The words after the kind. */
  readonly words: readonly string[]
  /** What a file must hold. */
  readonly lines: readonly string[]
  readonly line: number
}

export type Entry = {
  readonly line: number
  readonly match: ReadonlySet<string>
  readonly adjust: ReadonlySet<string>
  readonly message: Message
  /** Sent and compared instead of the message. */
  readonly raw: Uint8Array | undefined
  /** The sections that it names, empty ones too. */
  readonly named: ReadonlySet<string>
  /** It must have been used when the scenario ends. */
  readonly mandatory: boolean
  readonly dialect: Dialect
  readonly cookie: { readonly client: Uint8Array | undefined; readonly server: Uint8Array | undefined }
}

export const STEP_KINDS = [
  'QUERY',
  'CHECK_ANSWER',
  'CHECK_OUT_QUERY',
  'REPLY',
  'TIMEOUT',
  'ERROR',
  'TIME_PASSES',
  'TRAFFIC',
  'NOTHING',
  'ASSIGN',
  'CHECK_AUTOTRUST',
  'CHECK_TEMPFILE',
  'INFRA_RTT',
  'FLUSH_MESSAGE',
  'EXPIRE_MESSAGE',
] as const
export type StepKind = (typeof STEP_KINDS)[number]
export const STEP_SYNONYMS: ReadonlyMap<string, StepKind> = new Map([
  ['ANSWER', 'CHECK_ANSWER'],
  ['MOCK', 'REPLY'],
])

export type ScenarioError = { readonly line: number; readonly text: string }
