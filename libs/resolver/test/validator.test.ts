import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  decodeRdata,
  DNSKEY,
  DS,
  encodeRdata,
  EXTENDED_ERROR,
  type Message,
  NSEC,
  NSEC3,
  type Question,
  RCODE,
  type ResourceRecord,
  RRSIG,
  type RrsigData,
  typeCoveredBy,
} from '@scop/dns'
import { createAlgorithms } from '@scop/dnssec'
import { name, question, signedTree, type Spoil, Validation } from './signed-tree.ts'

const NSEC_TREE = signedTree()
const NSEC3_TREE = signedTree({ kind: 'nsec3', optOut: false })
const OPT_OUT_TREE = signedTree({ kind: 'nsec3', optOut: true })

const SOUND: readonly (readonly [name: string, type: string, security: string, rcode: number, optOut?: string])[] = [
  ['www.example', 'A', 'secure', RCODE.NOERROR],
  ['WWW.Example', 'A', 'secure', RCODE.NOERROR],
  ['example', 'SOA', 'secure', RCODE.NOERROR],
  ['.', 'DNSKEY', 'secure', RCODE.NOERROR],
  ['www.signed.example', 'A', 'secure', RCODE.NOERROR],
  ['signed.example', 'DS', 'secure', RCODE.NOERROR],
  ['alias.example', 'A', 'secure', RCODE.NOERROR],
  ['far.example', 'A', 'secure', RCODE.NOERROR],
  ['www.old.example', 'A', 'secure', RCODE.NOERROR],
  ['x.wild.example', 'A', 'secure', RCODE.NOERROR, 'insecure'],
  ['wcalias.example', 'A', 'secure', RCODE.NOERROR, 'insecure'],
  ['x.cw.example', 'A', 'secure', RCODE.NOERROR, 'insecure'],
  ['www.example', 'MX', 'secure', RCODE.NOERROR],
  ['f.signed.example', 'A', 'secure', RCODE.NOERROR],
  ['x.wild.example', 'MX', 'secure', RCODE.NOERROR, 'insecure'],
  ['none.example', 'A', 'secure', RCODE.NXDOMAIN, 'insecure'],
  ['a.b.none.signed.example', 'A', 'secure', RCODE.NXDOMAIN, 'insecure'],
  ['nowhere.example', 'A', 'secure', RCODE.NXDOMAIN, 'insecure'],
  ['www.example', 'ANY', 'secure', RCODE.NOERROR],
  ['plain.example', 'DS', 'secure', RCODE.NOERROR, 'insecure'],
  ['www.plain.example', 'A', 'insecure', RCODE.NOERROR],
  ['none.plain.example', 'A', 'insecure', RCODE.NXDOMAIN],
  ['out.example', 'A', 'insecure', RCODE.NOERROR],
]
for (const [kind, tree] of [
  ['NSEC', NSEC_TREE],
  ['NSEC3', NSEC3_TREE],
  ['NSEC3 with opt-out', OPT_OUT_TREE],
] as const) {
  for (const [text, type, security, rcode, optOut] of SOUND) {
    const expected = kind === 'NSEC3 with opt-out' ? (optOut ?? security) : security
    test(`${kind}: ${text} ${type} is ${expected}`, () => {
      const { validated } = new Validation(tree).try(question(text, type))
      assert.deepEqual([validated.security, validated.rcode, validated.ede], [expected, rcode, []])
    })
  }
}

const records = (message: Message, change: (record: ResourceRecord) => ResourceRecord | undefined): Message => {
  const each = (section: readonly ResourceRecord[]): readonly ResourceRecord[] =>
    section.flatMap((record) => change(record) ?? [])
  return { ...message, answers: each(message.answers), authorities: each(message.authorities) }
}
/** Changes the signatures over one type, or over all. */
const signatures =
  (change: (rrsig: RrsigData) => RrsigData | undefined, over?: number, of?: string): Spoil =>
  (message, asked) =>
    of !== undefined && asked.name.key !== name(of).key
      ? message
      : records(message, (record) => {
          if (record.type !== RRSIG.code || (over !== undefined && typeCoveredBy(record.rdata) !== over)) return record
          const rrsig = decodeRdata(RRSIG, record.rdata)
          const changed = rrsig.ok ? change(rrsig.value) : undefined
          return changed === undefined ? undefined : { ...record, rdata: encodeRdata(RRSIG, changed) }
        })
const wrong = (rrsig: RrsigData): RrsigData => ({ ...rrsig, signature: new Uint8Array(rrsig.signature.length).fill(7) })
const without =
  (...types: readonly number[]): Spoil =>
  (message) =>
    records(message, (record) => {
      const type = record.type === RRSIG.code ? typeCoveredBy(record.rdata) : record.type
      return types.includes(type) ? undefined : record
    })
const forged: Spoil = (message, asked) =>
  asked.type === 1
    ? records(message, (record) => (record.type === 1 ? { ...record, rdata: Uint8Array.of(6, 6, 6, 6) } : record))
    : message
const stripped: Spoil = signatures(() => undefined)
const only =
  (type: number, spoil: Spoil): Spoil =>
  (message, asked) =>
    asked.type === type ? spoil(message, asked) : message

const SPOILT: readonly (readonly [title: string, name: string, type: string, spoil: Spoil, code: number])[] = [
  ['other data', 'www.example', 'A', forged, EXTENDED_ERROR.DNSSEC_BOGUS],
  ['other data behind an alias', 'far.example', 'A', forged, EXTENDED_ERROR.DNSSEC_BOGUS],
  ['no signatures', 'www.example', 'A', only(1, stripped), EXTENDED_ERROR.RRSIGS_MISSING],
  ['a wrong signature', 'www.example', 'A', signatures(wrong, 1), EXTENDED_ERROR.DNSSEC_BOGUS],
  [
    'an expired signature',
    'www.example',
    'A',
    signatures((rrsig) => ({ ...rrsig, expiration: 1_600_000_000, inception: 1_500_000_000 }), 1),
    EXTENDED_ERROR.SIGNATURE_EXPIRED,
  ],
  [
    'a signature of the future',
    'www.example',
    'A',
    signatures((rrsig) => ({ ...rrsig, expiration: 1_900_000_000, inception: 1_800_000_000 }), 1),
    EXTENDED_ERROR.SIGNATURE_NOT_YET_VALID,
  ],
  [
    'a signature of a key that is not there',
    'www.example',
    'A',
    signatures((rrsig) => ({ ...rrsig, keyTag: rrsig.keyTag ^ 1 }), 1),
    EXTENDED_ERROR.DNSKEY_MISSING,
  ],
  [
    'a signature by an unknown algorithm',
    'www.example',
    'A',
    signatures((rrsig) => ({ ...rrsig, algorithm: 200 }), 1),
    EXTENDED_ERROR.UNSUPPORTED_DNSKEY_ALGORITHM,
  ],
  [
    'a signer outside',
    'www.example',
    'A',
    signatures((rrsig) => ({ ...rrsig, signer: name('test') }), 1),
    EXTENDED_ERROR.RRSIGS_MISSING,
  ],
  [
    'the parent as the signer',
    'www.signed.example',
    'A',
    signatures((rrsig) => ({ ...rrsig, signer: name('example') }), 1),
    EXTENDED_ERROR.DNSKEY_MISSING,
  ],
  [
    'fewer labels than the signer',
    'www.example',
    'A',
    signatures((rrsig) => ({ ...rrsig, labels: 0 }), 1),
    EXTENDED_ERROR.DNSSEC_BOGUS,
  ],
  ['no DNSKEY', 'www.example', 'A', without(DNSKEY.code), EXTENDED_ERROR.DNSKEY_MISSING],
  ['a DNSKEY set that is not signed', 'www.example', 'A', only(DNSKEY.code, stripped), EXTENDED_ERROR.RRSIGS_MISSING],
  [
    'keys that may not sign zones',
    'www.example',
    'A',
    (message) =>
      records(message, (record) =>
        record.type === DNSKEY.code
          ? { ...record, rdata: Uint8Array.from([0, 1, ...record.rdata.subarray(2)]) }
          : record,
      ),
    EXTENDED_ERROR.NO_ZONE_KEY_BIT_SET,
  ],
  [
    'no DS, though the zone is signed',
    'www.signed.example',
    'A',
    only(DS.code, without(DS.code)),
    EXTENDED_ERROR.RRSIGS_MISSING,
  ],
  ['a DS that is not signed', 'www.signed.example', 'A', only(DS.code, stripped), EXTENDED_ERROR.RRSIGS_MISSING],
  ['a name error without proof', 'none.example', 'A', without(NSEC.code, NSEC3.code), EXTENDED_ERROR.NSEC_MISSING],
  ['a name error without signatures', 'none.example', 'A', only(1, stripped), EXTENDED_ERROR.RRSIGS_MISSING],
  [
    'a name error for a name that is there',
    'www.example',
    'A',
    (message, asked) => (asked.type === 1 ? { ...message, rcode: RCODE.NXDOMAIN, answers: [] } : message),
    EXTENDED_ERROR.RRSIGS_MISSING,
  ],
  ['no data without proof', 'www.example', 'MX', without(NSEC.code, NSEC3.code), EXTENDED_ERROR.NSEC_MISSING],
  ['a wildcard without proof', 'x.wild.example', 'A', without(NSEC.code, NSEC3.code), EXTENDED_ERROR.DNSSEC_BOGUS],
  [
    'an unsigned delegation without proof',
    'www.plain.example',
    'A',
    only(DS.code, without(NSEC.code, NSEC3.code)),
    EXTENDED_ERROR.NSEC_MISSING,
  ],
  ['a SOA that is not signed', 'www.example', 'MX', signatures(() => undefined, 6), EXTENDED_ERROR.DNSSEC_BOGUS],
]
for (const [kind, tree] of [
  ['NSEC', NSEC_TREE],
  ['NSEC3', NSEC3_TREE],
] as const) {
  for (const [title, text, type, spoil, code] of SPOILT) {
    test(`${kind}: ${title}: ${text} ${type} is bogus, ${code}`, () => {
      const { validated } = new Validation(tree).try(question(text, type), spoil)
      assert.equal(validated.security, 'bogus')
      assert.ok(
        validated.ede.some((error) => error.code === code),
        JSON.stringify(validated.ede),
      )
    })
  }
}

test('the proof of one name is none for another', () => {
  const tree = NSEC_TREE
  const spoil: Spoil = (message, asked) => {
    if (asked.type !== 1) return message
    const other = new Map<string, Message>()
    new Validation(tree).try(question('zz.example', 'A'), (fresh, of) => {
      if (of.type === 1) other.set('', fresh)
      return fresh
    })
    return { ...(other.get('') ?? message), questions: message.questions }
  }
  assert.equal(new Validation(tree).try(question('www.example', 'A'), spoil).validated.security, 'bogus')
})

const CONFIGURED: readonly (readonly [
  title: string,
  asked: Question,
  options: ConstructorParameters<typeof Validation>[1],
  security: string,
])[] = [
  ['without an anchor', question('www.example', 'A'), { validation: { anchors: [] } }, 'indeterminate'],
  ['switched off', question('www.example', 'A'), { validation: { enabled: false } }, 'indeterminate'],
  [
    'below a zone taken as unsigned',
    question('www.signed.example', 'A'),
    { validation: { insecureZones: [name('signed.example')] } },
    'insecure',
  ],
  [
    'above a zone taken as unsigned',
    question('www.example', 'A'),
    { validation: { insecureZones: [name('signed.example')] } },
    'secure',
  ],
  [
    'a negative trust anchor',
    question('www.example', 'A'),
    { validation: { negativeAnchors: [{ zone: name('example'), untilSeconds: 1 }] } },
    'insecure',
  ],
  [
    'a negative trust anchor that has ended',
    question('www.example', 'A'),
    { validation: { negativeAnchors: [{ zone: name('example'), untilSeconds: 0 }] } },
    'secure',
  ],
  [
    'an algorithm that is not known',
    question('www.signed.example', 'A'),
    { algorithms: withoutAlgorithm(15) },
    'insecure',
  ],
  [
    'a digest that is not known',
    question('www.signed.example', 'A'),
    { algorithms: { ...createAlgorithms(), supportsDigest: () => false } },
    'insecure',
  ],
  ['at another time', question('www.example', 'A'), { validation: { atSeconds: 1_800_000_000 } }, 'bogus'],
  [
    'at another time, when dates do not count',
    question('www.example', 'A'),
    { validation: { atSeconds: 1_800_000_000, ignoreDates: true } },
    'secure',
  ],
]
for (const [title, asked, options, security] of CONFIGURED) {
  test(`${title}: ${security}`, () =>
    assert.equal(new Validation(NSEC_TREE, options).try(asked).validated.security, security))
}

test('an insecure zone says why, where its algorithm is not known', () => {
  const { validated } = new Validation(NSEC_TREE, { algorithms: withoutAlgorithm(15) }).try(
    question('www.signed.example', 'A'),
  )
  assert.deepEqual(
    validated.ede.map(({ code }) => code),
    [EXTENDED_ERROR.UNSUPPORTED_DNSKEY_ALGORITHM],
  )
})

test('keys are fetched once', () => {
  const validation = new Validation(NSEC_TREE)
  assert.deepEqual(validation.try(question('www.signed.example', 'A')).asked.length, 6) // itself, three DNSKEY, two DS
  assert.deepEqual(validation.try(question('www.signed.example', 'AAAA')).asked.length, 1)
})

test('what failed is not tried again for a moment', () => {
  const validation = new Validation(NSEC_TREE)
  validation.try(question('www.example', 'A'), without(DNSKEY.code))
  const second = validation.try(question('mx.example', 'MX'))
  assert.equal(second.validated.security, 'bogus')
  assert.equal(second.verifications, 0)
  assert.equal(validation.try(question('mx.example', 'MX'), undefined, 61_000).validated.security, 'secure')
})

test('denials answer for other names, and no longer than their SOA says', () => {
  for (const tree of [NSEC_TREE, NSEC3_TREE]) {
    const validation = new Validation(tree)
    validation.try(question('none.signed.example', 'A'))
    const made = (text: string, type: string, nowMs: number) => validation.synthesise(question(text, type), nowMs)
    assert.equal(made('none.signed.example', 'MX', 1000)?.rcode, RCODE.NXDOMAIN)
    assert.equal(made('www.signed.example', 'A', 1000), undefined)
    assert.equal(made('none.signed.example', 'MX', 301_000), undefined)
  }
})

test('denials with opt-out answer for no other name', () => {
  const validation = new Validation(OPT_OUT_TREE)
  validation.try(question('none.signed.example', 'A'))
  assert.equal(validation.synthesise(question('none.signed.example', 'MX'), 0), undefined)
})

function withoutAlgorithm(unknown: number): ReturnType<typeof createAlgorithms> {
  const all = createAlgorithms()
  return { ...all, supports: (algorithm) => algorithm !== unknown && all.supports(algorithm) }
}
