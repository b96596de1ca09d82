// Whatever is done to answers on their way: what validation calls secure is what the zones say.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  CNAME,
  canonicalRdata,
  type Message,
  type Question,
  RCODE,
  type ResourceRecord,
  RRSIG,
  type ZoneSet,
} from '@scop/dns'
import { encodeHex } from '@scop/octets'
import type { Rrset } from '../src/index.ts'
import { ask, name, question, signedTree, type Spoil, Validation } from './signed-tree.ts'

const NAMES = [
  'www.example',
  'example',
  'alias.example',
  'far.example',
  'out.example',
  'x.wild.example',
  'y.wild.example',
  'wcalias.example',
  'none.example',
  'nowhere.example',
  'www.old.example',
  'www.signed.example',
  'f.signed.example',
  'x.any.signed.example',
  'signed.example',
  'plain.example',
  'www.plain.example',
  'zz.example',
]
const TYPES = ['A', 'AAAA', 'MX', 'TXT', 'DS', 'DNSKEY', 'SOA', 'NS']

type Mutation =
  | { readonly kind: 'drop' | 'twice' | 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'answers-of' | 'authorities-of' | 'more-authorities-of'; readonly other: Question }
  | { readonly kind: 'rcode'; readonly rcode: number }
  | { readonly kind: 'rename'; readonly at: number; readonly to: string }
  | { readonly kind: 'unsigned' }

const anyQuestion = fc
  .tuple(fc.constantFrom(...NAMES), fc.constantFrom(...TYPES))
  .map(([text, type]) => question(text, type))
const anyMutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('drop' as const, 'twice' as const, 'flip' as const),
    at: fc.nat(9),
    bit: fc.nat(2000),
  }),
  fc.record({
    kind: fc.constantFrom('answers-of' as const, 'authorities-of' as const, 'more-authorities-of' as const),
    other: anyQuestion,
  }),
  fc.record({ kind: fc.constant('rcode' as const), rcode: fc.constantFrom(RCODE.NOERROR, RCODE.NXDOMAIN) }),
  fc.record({ kind: fc.constant('rename' as const), at: fc.nat(9), to: fc.constantFrom(...NAMES) }),
  fc.record({ kind: fc.constant('unsigned' as const) }),
)

function mutate(message: Message, mutation: Mutation, zones: ZoneSet): Message {
  const all = [...message.answers, ...message.authorities]
  const each = (change: (record: ResourceRecord, i: number) => readonly ResourceRecord[]): Message => ({
    ...message,
    answers: message.answers.flatMap((record, i) => change(record, i)),
    authorities: message.authorities.flatMap((record, i) => change(record, i + message.answers.length)),
  })
  switch (mutation.kind) {
    case 'drop':
      return each((record, i) => (i === mutation.at % all.length ? [] : [record]))
    case 'twice':
      return each((record, i) => (i === mutation.at % all.length ? [record, record] : [record]))
    case 'flip':
      return each((record, i) => (i === mutation.at % all.length ? [flipped(record, mutation.bit)] : [record]))
    case 'answers-of':
      return { ...message, answers: ask(zones, mutation.other).answers }
    case 'authorities-of':
      return { ...message, authorities: ask(zones, mutation.other).authorities }
    case 'more-authorities-of':
      return { ...message, authorities: [...message.authorities, ...ask(zones, mutation.other).authorities] }
    case 'rcode':
      return { ...message, rcode: mutation.rcode }
    case 'rename':
      return each((record, i) => (i === mutation.at % all.length ? [{ ...record, name: name(mutation.to) }] : [record]))
    case 'unsigned':
      return each((record) => (record.type === RRSIG.code ? [] : [record]))
  }
}

function flipped(record: ResourceRecord, bit: number): ResourceRecord {
  const rdata = new Uint8Array(record.rdata)
  const at = (bit >> 3) % Math.max(rdata.length, 1)
  if (rdata.length > 0) rdata[at] = (rdata[at] ?? 0) ^ (1 << (bit & 7))
  return { ...record, rdata }
}

/**
 * The data at the end of the aliases, as signatures see it: the case of names in it is not signed (RFC 4034 §6.2).
 * Without any, the code behind an alias may be either (RFC 6604 §3).
 */
function said(answer: readonly Rrset[], { type }: Question, rcode: number): string {
  const data = answer
    .filter((rrset) => rrset.type === type)
    .flatMap(({ rdatas }) => rdatas.map((rdata) => encodeHex(canonicalRdata(type, rdata))))
  const aliased = answer.some((rrset) => rrset.type === CNAME.code)
  return `${aliased && data.length === 0 ? 'absent' : rcode} ${data.sort().join(' ')}`
}

for (const [kind, tree] of [
  ['NSEC', signedTree()],
  ['NSEC3', signedTree({ kind: 'nsec3', optOut: false })],
] as const) {
  test(`${kind}: no change of messages makes a secure falsehood`, () => {
    fc.assert(
      fc.property(
        anyQuestion,
        fc.array(fc.tuple(anyMutation, fc.boolean()), { minLength: 1, maxLength: 4 }),
        (asked, mutations) => {
          const spoil: Spoil = (message, of) => {
            let spoilt = message
            for (const [mutation, everywhere] of mutations) {
              if (everywhere || (of.type === asked.type && of.name.key === asked.name.key))
                spoilt = mutate(spoilt, mutation, tree.zones)
            }
            return spoilt
          }
          const { validated } = new Validation(tree).try(asked, spoil)
          if (validated.security !== 'secure') return
          const truth = new Validation(tree).try(asked).validated
          assert.equal(said(validated.answer, asked, validated.rcode), said(truth.answer, asked, truth.rcode))
          assert.equal(truth.security, 'secure')
        },
      ),
      { numRuns: 1500 },
    )
  })
}
