// Contracts: every operation that can cross a pipe, with the shape of its request, its tail and its answer.
// Both ends check against this table, so neither trusts the other's types.
//
// A message travels as: head (the request), octets (the message as it was received), tail (header fields
// to stand above those octets, known only when all octets have been seen: a signature, a verdict).

import * as v from 'valibot'
import { ENVELOPE } from './envelope.ts'

const NOTHING = v.strictObject({})
const TEXT = v.pipe(v.string(), v.maxLength(4096))
const ADDRESS = v.pipe(v.string(), v.maxLength(1024))
const NAME = v.pipe(v.string(), v.maxLength(255))
const BASE64 = v.pipe(v.string(), v.base64(), v.maxLength(64 * 1024))
const COUNT = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const TIME = v.pipe(v.number(), v.safeInteger())
/** Who asked for a change, and why: stands in the history. */
const BECAUSE = { author: TEXT, reason: TEXT }
/** Header fields that stand above the octets, complete with their CRLFs, in base64. */
const ABOVE = v.strictObject({ above: BASE64 })

const HEALTH = {
  request: NOTHING,
  response: v.strictObject({
    service: NAME,
    pid: COUNT,
    uptimeSeconds: v.number(),
    state: v.picklist(['starting', 'serving', 'draining']),
    /** What this service counts: messages, sessions, queue entries, refusals … */
    figures: v.record(v.string(), v.number()),
    /** Its side of every pipe that is open: the evidence that pipes are what they should be. */
    pipes: v.array(v.strictObject({ role: NAME, tls: NAME, cipher: NAME, peer: TEXT, since: TIME })),
  }),
} as const

/** Every service answers these to the operator and the supervisor. */
export const COMMON = {
  health: HEALTH,
  /** The same figures in the Prometheus text format. */
  metrics: { request: NOTHING, response: v.strictObject({ text: v.string() }) },
} as const

const QUEUE_ENTRY = v.strictObject({
  id: NAME,
  trace: NAME,
  sender: ADDRESS,
  octets: COUNT,
  enqueuedAtMs: TIME,
  expiresAtMs: TIME,
  recipients: v.array(
    v.strictObject({
      mailbox: ADDRESS,
      state: v.picklist(['waiting', 'delivering', 'delivered', 'failed']),
      attempts: COUNT,
      nextAttemptAtMs: v.optional(TIME),
      lastReply: v.optional(TEXT),
      remote: v.optional(TEXT),
    }),
  ),
})

const MESSAGE_FACTS = v.strictObject({
  uid: COUNT,
  mailbox: NAME,
  octets: COUNT,
  receivedAtMs: TIME,
  sender: ADDRESS,
  trace: NAME,
  /** Decoded as far as we can, for people to read in a list. */
  from: v.string(),
  subject: v.string(),
  flags: v.array(NAME),
})

const KEY_STATE = v.picklist(['hidden', 'rumoured', 'omnipresent', 'unretentive'])
const DNSSEC_KEY = v.strictObject({
  zone: NAME,
  keyTag: COUNT,
  algorithm: COUNT,
  role: v.picklist(['csk', 'ksk', 'zsk']),
  createdAtMs: TIME,
  /** Whether it is meant to be in use, or to go. */
  goal: v.picklist(['present', 'absent']),
  /** What the world knows of each of its parts, and since when. RFC 7583 §3 */
  states: v.array(
    v.strictObject({ part: v.picklist(['dnskey', 'zrrsig', 'krrsig', 'ds']), state: KEY_STATE, sinceMs: TIME }),
  ),
  /** What happens next; without a time: what is waited for. */
  next: v.optional(v.strictObject({ what: TEXT, atMs: v.optional(TIME) })),
})
/** How far an answer of the DNS can be trusted: signed from a trust anchor down, or provably not signed. */
const SECURITY = v.picklist(['secure', 'insecure'])
/** RFC 8914 */
const EXTENDED_ERRORS = v.pipe(v.array(v.strictObject({ code: COUNT, text: TEXT })), v.maxLength(32))
/** What the resolver answers: what validation refuses is `temporary`, never an answer and never an absence. */
const nameAnswer = <const S extends v.GenericSchema>(value: S) =>
  v.variant('kind', [
    v.strictObject({ kind: v.literal('answer'), value, security: SECURITY, ttlSeconds: COUNT }),
    v.strictObject({ kind: v.picklist(['nodata', 'nxdomain']), security: SECURITY, ttlSeconds: COUNT }),
    v.strictObject({ kind: v.literal('temporary'), reason: TEXT, ede: EXTENDED_ERRORS }),
    /** What was asked is no name of the DNS. */
    v.strictObject({ kind: v.literal('bad-name') }),
  ])
const RECORDS = v.array(v.string())

export const CONTRACTS = {
  directory: {
    ...COMMON,
    /** Whether a mailbox is ours, and whom it reaches after aliases. */
    resolve: {
      request: v.strictObject({ mailbox: ADDRESS }),
      response: v.variant('kind', [
        v.strictObject({ kind: v.literal('ours'), accounts: v.array(ADDRESS), forwards: v.array(ADDRESS) }),
        v.strictObject({ kind: v.literal('unknown') }),
        v.strictObject({ kind: v.literal('not-ours') }),
      ]),
    },
    'verify-password': {
      request: v.strictObject({ username: ADDRESS, password: TEXT }),
      response: v.variant('kind', [
        v.strictObject({ kind: v.literal('verified'), account: ADDRESS }),
        v.strictObject({ kind: v.literal('refused') }),
      ]),
    },
    'scram-parameters': {
      request: v.strictObject({ username: ADDRESS }),
      response: v.strictObject({ salt: BASE64, iterations: COUNT }),
    },
    'verify-scram': {
      request: v.strictObject({ username: ADDRESS, authMessage: BASE64, clientProof: BASE64 }),
      response: v.variant('kind', [
        v.strictObject({ kind: v.literal('verified'), account: ADDRESS, serverSignature: BASE64 }),
        v.strictObject({ kind: v.literal('refused') }),
      ]),
    },
    /** Whether an account may write mail that says it is from this mailbox. */
    owns: {
      request: v.strictObject({ account: ADDRESS, mailbox: ADDRESS }),
      response: v.strictObject({ owns: v.boolean() }),
    },
    'list-domains': { request: NOTHING, response: v.strictObject({ domains: v.array(NAME) }) },
    'list-accounts': {
      request: NOTHING,
      response: v.strictObject({ accounts: v.array(v.strictObject({ name: ADDRESS, aliases: v.array(ADDRESS) })) }),
    },
    'add-domain': { request: v.strictObject({ domain: NAME, ...BECAUSE }), response: v.strictObject({ commit: NAME }) },
    'remove-domain': {
      request: v.strictObject({ domain: NAME, ...BECAUSE }),
      response: v.strictObject({ commit: NAME }),
    },
    'add-account': {
      request: v.strictObject({ account: ADDRESS, password: TEXT, ...BECAUSE }),
      response: v.strictObject({ commit: NAME }),
    },
    'set-password': {
      request: v.strictObject({ account: ADDRESS, password: TEXT, ...BECAUSE }),
      response: v.strictObject({ commit: NAME }),
    },
    'remove-account': {
      request: v.strictObject({ account: ADDRESS, ...BECAUSE }),
      response: v.strictObject({ commit: NAME }),
    },
    'add-alias': {
      request: v.strictObject({ alias: ADDRESS, targets: v.array(ADDRESS), ...BECAUSE }),
      response: v.strictObject({ commit: NAME }),
    },
    'remove-alias': {
      request: v.strictObject({ alias: ADDRESS, ...BECAUSE }),
      response: v.strictObject({ commit: NAME }),
    },
    history: {
      request: v.strictObject({ limit: COUNT }),
      response: v.strictObject({
        changes: v.array(v.strictObject({ commit: NAME, author: TEXT, reason: TEXT, atMs: TIME })),
      }),
    },
    restore: { request: v.strictObject({ commit: NAME, ...BECAUSE }), response: v.strictObject({ commit: NAME }) },
  },
  signer: {
    ...COMMON,
    /** Signs and hands on to the relay; answers when the message is durable in its queue. */
    submit: { request: ENVELOPE, response: v.strictObject({ queueId: NAME }) },
    /** Makes the keys of a domain if there are none yet, and publishes them, also where they have been before. */
    'prepare-domain': {
      request: v.strictObject({ domain: NAME }),
      response: v.strictObject({
        keys: v.array(
          v.strictObject({ selector: NAME, algorithm: NAME, name: NAME, record: TEXT, publishedAtMs: TIME }),
        ),
      }),
    },
    keys: {
      request: NOTHING,
      response: v.strictObject({
        keys: v.array(
          v.strictObject({
            domain: NAME,
            selector: NAME,
            algorithm: NAME,
            name: NAME,
            record: TEXT,
            publishedAtMs: v.optional(TIME),
          }),
        ),
      }),
    },
  },
  relay: {
    ...COMMON,
    /** Answers when the message is durable in the queue. */
    enqueue: { request: ENVELOPE, tail: ABOVE, response: v.strictObject({ queueId: NAME }) },
    'queue-list': {
      request: v.strictObject({ limit: COUNT }),
      response: v.strictObject({ entries: v.array(QUEUE_ENTRY), total: COUNT }),
    },
    'queue-show': {
      request: v.strictObject({ id: NAME }),
      response: v.strictObject({ entry: v.optional(QUEUE_ENTRY) }),
    },
    /** Without an id: all of them, now. */
    'queue-retry': { request: v.strictObject({ id: v.optional(NAME) }), response: v.strictObject({ entries: COUNT }) },
    'queue-drop': {
      request: v.strictObject({ id: NAME, ...BECAUSE }),
      response: v.strictObject({ dropped: v.boolean() }),
    },
  },
  verifier: {
    ...COMMON,
    /** Verifies, writes its results above the message, hands on to the mailbox; answers when the message is durable there. */
    verify: {
      request: ENVELOPE,
      tail: ABOVE,
      response: v.strictObject({
        /** The results as in Authentication-Results, for the receiver's log. */
        results: TEXT,
        recipients: v.array(v.strictObject({ mailbox: ADDRESS, outcome: v.picklist(['delivered', 'unknown']) })),
      }),
    },
  },
  mailbox: {
    ...COMMON,
    /** All recipients or none; the same deliveryId again delivers nothing more and answers the same. */
    deliver: {
      request: v.strictObject({ envelope: ENVELOPE, deliveryId: NAME }),
      tail: ABOVE,
      response: v.strictObject({
        recipients: v.array(v.strictObject({ mailbox: ADDRESS, outcome: v.picklist(['delivered', 'unknown']) })),
      }),
    },
    mailboxes: {
      request: v.strictObject({ account: ADDRESS }),
      response: v.strictObject({
        mailboxes: v.array(
          v.strictObject({ name: NAME, messages: COUNT, octets: COUNT, uidValidity: COUNT, uidNext: COUNT }),
        ),
      }),
    },
    list: {
      request: v.strictObject({ account: ADDRESS, mailbox: NAME, limit: COUNT, beforeUid: v.optional(COUNT) }),
      response: v.strictObject({ messages: v.array(MESSAGE_FACTS) }),
    },
    /** The response's octets are the message as stored. */
    read: {
      request: v.strictObject({ account: ADDRESS, mailbox: NAME, uid: COUNT }),
      response: v.strictObject({ message: v.optional(MESSAGE_FACTS) }),
    },
    delete: {
      request: v.strictObject({ account: ADDRESS, mailbox: NAME, uid: COUNT }),
      response: v.strictObject({ deleted: v.boolean() }),
    },
    'remove-account': { request: v.strictObject({ account: ADDRESS }), response: v.strictObject({ messages: COUNT }) },
  },
  'dns-primary': {
    ...COMMON,
    /**
     * A zone file, as `text` or, where that would be long, as the octets; refused when it does not parse or the zone
     * exists. It is signed as the configuration says; of signatures that it brings nothing stays then. `keys` are those that it
     * has had elsewhere, whose DS the parent has: they sign it from now on. PKCS#8.
     */
    'add-zone': {
      request: v.strictObject({
        zone: NAME,
        text: v.optional(v.string()),
        keys: v.optional(v.array(v.strictObject({ pem: TEXT, algorithm: COUNT, flags: COUNT }))),
        ...BECAUSE,
      }),
      response: v.strictObject({ serial: COUNT }),
    },
    'remove-zone': {
      request: v.strictObject({ zone: NAME, ...BECAUSE }),
      response: v.strictObject({ removed: v.boolean() }),
    },
    /** The answer's octets are the zone file: what was put in (`own`), or with all that signing adds (`all`). */
    'show-zone': {
      request: v.strictObject({ zone: NAME, records: v.picklist(['own', 'all']) }),
      response: v.strictObject({ serial: v.optional(COUNT) }),
    },
    /**
     * Makes the zone's own records those of the zone file in the octets. `serial` is that of the version which the file was
     * made from; refused as `changed` if the zone has moved on. The answer's octets are the difference, one record a line
     * behind `-` or `+`. Not applied: only the difference is told.
     */
    'change-zone': {
      request: v.strictObject({ zone: NAME, serial: COUNT, apply: v.boolean(), ...BECAUSE }),
      response: v.strictObject({ serial: COUNT, removed: COUNT, added: COUNT }),
    },
    /** What a validating resolver, or a secondary that checks, would find wrong with the zone as it is served. */
    'verify-zone': {
      request: v.strictObject({ zone: NAME }),
      response: v.strictObject({
        serial: COUNT,
        signed: v.boolean(),
        signatures: COUNT,
        validUntilMs: v.optional(TIME),
        /** Errors make a validator refuse the zone, or may; warnings do not. */
        errors: v.array(TEXT),
        warnings: v.array(TEXT),
      }),
    },
    'list-zones': {
      request: NOTHING,
      response: v.strictObject({
        zones: v.array(
          v.strictObject({
            zone: NAME,
            serial: COUNT,
            records: COUNT,
            role: v.picklist(['primary', 'secondary']),
            dnssec: v.picklist(['nsec', 'nsec3', 'online', 'off']),
            /** Key tags of the keys that the parent should know. */
            ds: v.array(COUNT),
          }),
        ),
      }),
    },
    /** Versions of a zone as its Git repository has them, newest first. */
    'zone-history': {
      request: v.strictObject({ zone: NAME, limit: COUNT }),
      response: v.strictObject({
        changes: v.array(v.strictObject({ commit: NAME, author: TEXT, reason: TEXT, atMs: TIME })),
      }),
    },
    /** As `change-zone`, to the records of a commit. */
    'restore-zone': {
      request: v.strictObject({ zone: NAME, commit: NAME, apply: v.boolean(), ...BECAUSE }),
      response: v.strictObject({ commit: NAME, serial: COUNT, removed: COUNT, added: COUNT }),
    },
    /** The DNSSEC keys of one zone or all. */
    'list-keys': {
      request: v.strictObject({ zone: v.optional(NAME) }),
      response: v.strictObject({ keys: v.array(DNSSEC_KEY) }),
    },
    /** Begins to replace the keys of this role; another algorithm replaces those of all roles. */
    'roll-key': {
      request: v.strictObject({
        zone: NAME,
        role: v.picklist(['csk', 'ksk', 'zsk', 'all']),
        algorithm: v.optional(COUNT),
        ...BECAUSE,
      }),
      response: v.strictObject({ started: v.array(DNSSEC_KEY) }),
    },
    /** What the parent should have: DS records as lines of a zone file; and what it had when it was asked last. */
    'zone-ds': {
      request: v.strictObject({ zone: NAME, digestTypes: v.array(COUNT) }),
      response: v.strictObject({
        /** `ready`: the keys are known everywhere; before that a DS would make the zone bogus for some. */
        wanted: v.array(v.strictObject({ keyTag: COUNT, record: TEXT, ready: v.boolean() })),
        parent: v.optional(v.strictObject({ askedAtMs: TIME, keyTags: v.array(COUNT), failure: v.optional(TEXT) })),
      }),
    },
    /** The operator says what the parent has, where it cannot be asked. */
    'confirm-ds': {
      request: v.strictObject({ zone: NAME, keyTag: COUNT, state: v.picklist(['published', 'withdrawn']), ...BECAUSE }),
      response: v.strictObject({ key: DNSSEC_KEY }),
    },
  },
  'dns-resolver': {
    ...COMMON,
    /** Lowest preference first, equal ones in random order. */
    mx: {
      request: v.strictObject({ domain: NAME }),
      response: nameAnswer(
        v.variant('kind', [
          v.strictObject({
            kind: v.literal('mx'),
            exchanges: v.array(v.strictObject({ preference: COUNT, exchange: NAME })),
            /** Exchanges that no host can have. */
            unusable: v.array(v.string()),
          }),
          v.strictObject({ kind: v.literal('null-mx') }),
        ]),
      ),
    },
    /** One entry for each record, its strings joined, in base64: SPF, DKIM, DMARC. */
    txt: { request: v.strictObject({ name: TEXT }), response: nameAnswer(v.array(BASE64)) },
    tlsa: {
      request: v.strictObject({ host: NAME, port: COUNT }),
      response: nameAnswer(
        v.array(v.strictObject({ usage: COUNT, selector: COUNT, matchingType: COUNT, association: BASE64 })),
      ),
    },
    /** IPv6 first. `canonical`: the name at the end of the aliases. */
    address: {
      request: v.strictObject({ host: NAME }),
      response: nameAnswer(v.strictObject({ addresses: v.array(NAME), canonical: v.string() })),
    },
    /** Data of the DS records that the parent has of a zone. */
    ds: { request: v.strictObject({ zone: NAME }), response: nameAnswer(v.array(BASE64)) },
    ptr: { request: v.strictObject({ address: NAME }), response: nameAnswer(v.array(NAME)) },
    /** One question with all that came of it, in zone-file form; with `trace`, every step on the way. */
    query: {
      request: v.strictObject({ name: TEXT, type: NAME, checkingDisabled: v.boolean(), trace: v.boolean() }),
      response: v.strictObject({
        status: v.picklist(['secure', 'insecure', 'bogus', 'indeterminate']),
        rcode: NAME,
        answer: RECORDS,
        authority: RECORDS,
        ede: EXTENDED_ERRORS,
        stale: v.boolean(),
        milliseconds: v.number(),
        steps: v.array(
          v.strictObject({ lookup: COUNT, parent: v.optional(COUNT), question: v.string(), what: v.string() }),
        ),
      }),
    },
    /** Learns at once which zones are ours, and by which keys; else it does so by itself before long. */
    'reload-zones': { request: NOTHING, response: v.strictObject({ zones: COUNT }) },
    /** Lets the cache go. */
    forget: { request: NOTHING, response: NOTHING },
  },
  submission: { ...COMMON },
  receiver: { ...COMMON },
  supervisor: {
    status: {
      request: NOTHING,
      response: v.strictObject({
        bottle: NAME,
        services: v.array(
          v.strictObject({
            service: NAME,
            state: v.picklist(['starting', 'running', 'stopping', 'stopped', 'backing-off']),
            pid: v.optional(COUNT),
            restarts: COUNT,
            uptimeSeconds: v.number(),
            /** Proportional set size: shared pages are divided among those who share them. */
            pssKibibytes: v.optional(COUNT),
            lastExit: v.optional(TEXT),
          }),
        ),
        supervisorPssKibibytes: v.optional(COUNT),
      }),
    },
    /** Restarts one service. */
    restart: { request: v.strictObject({ service: NAME }), response: v.strictObject({ restarted: v.boolean() }) },
    /** Stops the bottle: answers, then drains. */
    stop: { request: NOTHING, response: NOTHING },
  },
} as const

export type Contracts = typeof CONTRACTS
export type Callee = keyof Contracts
export type Operation<C extends Callee> = keyof Contracts[C] & string
type Shape<C extends Callee, O extends Operation<C>> = Contracts[C][O] extends {
  readonly request: infer Req extends v.GenericSchema
  readonly response: infer Res extends v.GenericSchema
}
  ? { request: v.InferOutput<Req>; response: v.InferOutput<Res> }
  : never
export type Request<C extends Callee, O extends Operation<C>> = Shape<C, O>['request']
export type Response<C extends Callee, O extends Operation<C>> = Shape<C, O>['response']
/** What stands in the tail frame; `undefined` where the contract has none. */
export type Tail<C extends Callee, O extends Operation<C>> = Contracts[C][O] extends {
  readonly tail: infer T extends v.GenericSchema
}
  ? v.InferOutput<T>
  : undefined
