// Three signed zones and two that are not, and a way to ask them as the core would: what validation is tried against.

import {
  answer,
  DNSKEY,
  type DnskeyData,
  DS,
  EMPTY_MESSAGE,
  encodeRdata,
  type Message,
  type Name,
  parseName,
  parseType,
  parseZone,
  type Question,
  type ResourceRecord,
  ROOT,
  type Zone,
  type ZoneSet,
  zoneSet,
} from '@scop/dns'
import {
  type AlgorithmTable,
  createAlgorithms,
  DEFAULT_SIGNING_POLICY,
  type Denial,
  makeDs,
  makeKey,
  signZone,
  singleKey,
} from '@scop/dnssec'
import { expectOk } from '@scop/result'
import {
  Budget,
  createValidator,
  type Fetched,
  groupRecords,
  RESOLVER_CONFIG,
  type ResolverConfig,
  type ResolverLimits,
  type Rrset,
  RrsetCache,
  type Task,
  TRUST,
  type Validated,
  type ValidationConfig,
  type ValidationContext,
  type Validator,
} from '../src/index.ts'

export const NOW_SECONDS = 1_700_000_000

export function name(text: string): Name {
  return expectOk(parseName(text, ROOT), 'read a name')
}

export function question(text: string, type: string): Question {
  return { name: name(text), type: parseType(type) ?? 0, class: 1 }
}

export type Tree = { readonly zones: ZoneSet; readonly anchors: readonly ResourceRecord[] }

/** Signs the root and `example.` */
export const KEY = makeKey(13, { flags: 257 })
const CHILD_KEY = makeKey(15, { flags: 257 })

/** `.`, `example.` and `signed.example.` are signed; `plain.example.` and `optout.example.` are delegations without DS. */
export function signedTree(denial: Denial = { kind: 'nsec' }, more: readonly DnskeyData[] = []): Tree {
  const child = sign(
    zone(
      'signed.example',
      '@ NS ns\nns A 127.0.0.3\nwww A 192.0.2.3\nwww AAAA 2001:db8::3\n*.any TXT "any"\nd.e.f A 192.0.2.4\n',
    ),
    CHILD_KEY,
    denial,
  )
  const plain = zone('plain.example', '@ NS ns\nns A 127.0.0.4\nwww A 192.0.2.5\n')
  const ds = encodeRdata(DS, makeDs(name('signed.example'), CHILD_KEY.dnskey))
  const text = [
    '@ NS ns\nns A 127.0.0.2\nwww A 192.0.2.1\nmx MX 10 www\n*.wild A 192.0.2.2\nalias CNAME www\nout CNAME www.plain',
    'b.near.wild A 192.0.2.9\nfar CNAME www.signed\nwcalias CNAME x.wild\nnowhere CNAME gone\nold DNAME signed\n*.cw CNAME www',
    'signed NS ns.signed\nns.signed A 127.0.0.3\nplain NS ns.plain\nns.plain A 127.0.0.4',
    `signed DS \\# ${ds.length} ${Buffer.from(ds).toString('hex')}\n`,
  ].join('\n')
  const example = sign(zone('example', text), KEY, denial, more)
  const top = encodeRdata(DS, makeDs(name('example'), KEY.dnskey))
  const root = sign(
    zone(
      '.',
      `@ NS ns.root.\nns.root. A 127.0.0.1\nexample. NS ns.example.\nns.example. A 127.0.0.2\nexample. DS \\# ${top.length} ${Buffer.from(top).toString('hex')}\n`,
    ),
    KEY,
    denial,
  )
  const anchor = { name: ROOT, type: DNSKEY.code, class: 1, ttlSeconds: 3600, rdata: encodeRdata(DNSKEY, KEY.dnskey) }
  return { zones: zoneSet([root, example, child, plain]), anchors: [anchor] }
}

function zone(origin: string, text: string): Zone {
  return expectOk(parseZone(`$TTL 3600\n@ SOA ns root 1 7200 900 1209600 300\n${text}`, name(origin)), `read ${origin}`)
}

function sign(unsigned: Zone, key: typeof KEY, denial: Denial, more: readonly DnskeyData[] = []): Zone {
  const keys = { ...singleKey(key), dnskeys: [key.dnskey, ...more] }
  const policy = { ...DEFAULT_SIGNING_POLICY, denial }
  return expectOk(signZone(unsigned, { keys, policy, nowSeconds: NOW_SECONDS, random: () => 0 }), 'sign').zone
}

/** How a message is spoilt on its way. */
export type Spoil = (message: Message, question: Question) => Message

export type Trial = {
  readonly validated: Validated
  readonly verifications: number
  readonly failed: number
  readonly hashes: number
  /** Effects: how often others had their turn. */
  readonly pauses: number
  readonly asked: readonly string[]
}

export class Validation {
  readonly validator: Validator
  readonly #config: ResolverConfig
  readonly #cache: RrsetCache
  readonly #tree: Tree
  verified = 0

  constructor(
    tree: Tree,
    options: {
      readonly validation?: Partial<ValidationConfig>
      readonly limits?: Partial<ResolverLimits>
      readonly algorithms?: AlgorithmTable
    } = {},
  ) {
    this.#tree = tree
    this.#config = {
      ...RESOLVER_CONFIG,
      hints: [],
      limits: { ...RESOLVER_CONFIG.limits, ...options.limits },
      validation: {
        ...RESOLVER_CONFIG.validation,
        anchors: tree.anchors,
        atSeconds: NOW_SECONDS + 60,
        ...options.validation,
      },
    }
    this.#cache = new RrsetCache(this.#config)
    const real = options.algorithms ?? createAlgorithms()
    const counting: AlgorithmTable = {
      ...real,
      verify: (...signed) => {
        this.verified++
        return real.verify(...signed)
      },
    }
    this.validator = createValidator(this.#config, counting)
  }

  synthesise(asked: Question, nowMs: number): Fetched | undefined {
    return this.validator.synthesise(asked, { config: this.#config, nowMs: () => nowMs, cache: this.#cache })
  }

  /** Asks, spoils, validates. */
  try(asked: Question, spoil: Spoil = (message) => message, nowMs = 0): Trial {
    const put: string[] = []
    const fetched = (of: Question): Fetched => {
      put.push(`${of.name.key.replace(/[^a-z*]/g, '.')} ${of.type}`)
      return fetchedOf(spoil(ask(this.#tree.zones, of), of), of)
    }
    const context = this.#context(fetched, nowMs)
    const { budget } = context
    const before = this.verified
    const { value, pauses } = finish(this.validator.validate(asked, fetched(asked), context))
    return {
      validated: value,
      verifications: this.verified - before,
      failed: budget.spent('failedVerifications'),
      hashes: budget.spent('hashes'),
      pauses,
      asked: put,
    }
  }

  /** Does what is due by then; gives what is to be kept. */
  probe(nowMs: number, spoil: Spoil = (message) => message): readonly string[] {
    const kept: string[] = []
    const fetched = (of: Question): Fetched => fetchedOf(spoil(ask(this.#tree.zones, of), of), of)
    const context = { ...this.#context(fetched, nowMs), persist: (_: Name, text: string) => void kept.push(text) }
    for (const task of this.validator.due(nowMs).tasks) finish(task(context))
    return kept
  }

  #context(fetched: (of: Question) => Fetched, nowMs: number): ValidationContext {
    return {
      config: this.#config,
      nowMs: () => nowMs,
      budget: new Budget(this.#config.limits, nowMs),
      cache: this.#cache,
      trace: () => undefined,
      persist: () => undefined,
      random: (octets) => new Uint8Array(octets),
      // oxlint-disable-next-line require-yield -- everything is at hand
      *fetch(of, type) {
        return fetched({ name: of, type, class: 1 })
      },
    }
  }
}

export function ask(zones: ZoneSet, of: Question): Message {
  const edns = { udpOctets: 65_535, version: 0, dnssecOk: true, options: [] }
  return answer(zones, { ...EMPTY_MESSAGE, questions: [of], edns })
}

function fetchedOf(message: Message, of: Question): Fetched {
  const group = (records: readonly ResourceRecord[]): readonly Rrset[] =>
    groupRecords(records, TRUST.answerAuthoritative)
  const sections = { answer: group(message.answers), authority: group(message.authorities), additional: [] }
  return {
    question: of,
    rcode: message.rcode,
    ...sections,
    zone: ROOT,
    security: 'unchecked',
    ttlSeconds: 300,
    ede: [],
    stale: false,
  }
}

function finish<T>(task: Task<T>): { readonly value: T; readonly pauses: number } {
  let pauses = 0
  for (;;) {
    const step = task.next({ kind: 'nothing' })
    if (step.done === true) return { value: step.value, pauses }
    if (step.value.kind !== 'pause') throw new Error(`validation waits for ${step.value.kind}`)
    pauses++
  }
}
