// What the names of others say, and how far that can be trusted.

import * as v from 'valibot'
import { BASE64, COMMON, COUNT, NAME, NOTHING, TEXT } from './contract-shapes.ts'

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

export const DNS_RESOLVER_CONTRACT = {
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
  /** One kind of record, each as text: an address, or a host's name, of MX the lowest preference first. SPF asks so. */
  records: {
    request: v.strictObject({ name: TEXT, type: v.picklist(['A', 'AAAA', 'MX', 'PTR']) }),
    response: nameAnswer(v.array(TEXT)),
  },
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
} as const
