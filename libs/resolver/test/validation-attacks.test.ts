// What an attacker can make validation do: counted, not timed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  decodeRdata,
  type DnskeyData,
  encodeBase32Hex,
  encodeRdata,
  type Message,
  NSEC3,
  prependLabel,
  RCODE,
  type ResourceRecord,
  RRSIG,
  type RrsigData,
  typeCoveredBy,
} from '@scop/dns'
import { type AlgorithmTable, createAlgorithms, keyTag } from '@scop/dnssec'
import { encodeAscii } from '@scop/octets'
import { expectOk } from '@scop/result'
import { RESOLVER_CONFIG, RESOLVER_LIMITS } from '../src/index.ts'
import { type Answerer, Internet, ROOT_ADDRESS } from './internet.ts'
import { ask, KEY, name, NOW_SECONDS, question, signedTree, type Spoil, Validation } from './signed-tree.ts'

const { verificationsPerQuery, failedVerificationsPerQuery, verificationsPerTurn, hashesPerQuery } = RESOLVER_LIMITS

/** Keys of the algorithm and the tag of the key that signs, and of none else. */
function collidingKeys(count: number, algorithm = 13): readonly DnskeyData[] {
  const tag = keyTag(KEY.dnskey)
  return Array.from({ length: count }, (_, i) => {
    const publicKey = new Uint8Array(64).fill(1)
    publicKey.set([i >> 8, i & 0xff], 10)
    publicKey.set([0, 0], 20)
    const missing = tag - keyTag({ flags: 256, protocol: 3, algorithm, publicKey }) + 0x10000
    // The carry of the sum may be one too many or too few.
    for (const low of [missing - 1, missing, missing + 1]) {
      const tuned = new Uint8Array(publicKey)
      tuned.set([(low >> 8) & 0xff, low & 0xff], 20)
      const key = { flags: 256, protocol: 3, algorithm, publicKey: tuned }
      if (keyTag(key) === tag) return key
    }
    throw new Error('no key with this tag')
  })
}

/** Each signature over `type` a hundred times, all wrong, before the right one if that is kept. */
const manySignatures =
  (type: number, count: number, keepRight: boolean): Spoil =>
  (message) => ({
    ...message,
    answers: message.answers.flatMap((record) => multiplied(record, type, count, keepRight)),
  })

function multiplied(
  record: ResourceRecord,
  type: number,
  count: number,
  keepRight: boolean,
): readonly ResourceRecord[] {
  if (record.type !== RRSIG.code || typeCoveredBy(record.rdata) !== type) return [record]
  const rrsig = expectOk(decodeRdata(RRSIG, record.rdata), 'read a signature')
  const wrong = Array.from({ length: count }, (_, i): ResourceRecord => {
    const signature = new Uint8Array(64).fill(3)
    signature.set([i >> 8, i & 0xff])
    return { ...record, rdata: encodeRdata(RRSIG, { ...rrsig, signature }) }
  })
  return keepRight ? [...wrong, record] : wrong
}

/** All that a zone of its own signs is right, but for what it spoils. */
const believing: AlgorithmTable = { ...createAlgorithms(), verify: () => 'valid' }

test('KeyTrap: 100 keys of one tag and 100 signatures of an RRset', () => {
  const tree = signedTree({ kind: 'nsec' }, collidingKeys(99))
  const validation = new Validation(tree)
  const trial = validation.try(question('www.example', 'A'), manySignatures(1, 100, false))
  assert.equal(trial.validated.security, 'bogus')
  assert.ok(trial.failed <= failedVerificationsPerQuery + 1, `${trial.failed} failed`)
  assert.ok(trial.verifications <= verificationsPerQuery, `${trial.verifications} verified`)
  assert.ok(trial.pauses >= Math.floor(trial.verifications / verificationsPerTurn), 'others have their turn')
})

test('KeyTrap: 100 keys of one tag and 100 signatures of the DNSKEY set', () => {
  const tree = signedTree({ kind: 'nsec' }, collidingKeys(99))
  const trial = new Validation(tree).try(question('www.example', 'A'), manySignatures(48, 100, false))
  assert.equal(trial.validated.security, 'bogus')
  assert.ok(trial.failed <= failedVerificationsPerQuery + 1, `${trial.failed} failed`)
  assert.ok(trial.verifications <= verificationsPerQuery, `${trial.verifications} verified`)
})

test('KeyTrap: between its turns others are answered from the cache, without a packet', () => {
  const tree = signedTree({ kind: 'nsec' }, collidingKeys(99))
  const trap = name('trap.wild.example')
  const spoil = manySignatures(1, 100, false)
  let verified = 0
  const real = createAlgorithms()
  const server: Answerer = ({ id }, asked) => {
    const message = ask(tree.zones, asked)
    return { ...(asked.name.key === trap.key ? spoil(message, asked) : message), id }
  }
  const internet = new Internet(
    { [ROOT_ADDRESS]: server, '127.0.0.1': server, '127.0.0.2': server },
    { validation: { ...RESOLVER_CONFIG.validation, anchors: tree.anchors, atSeconds: NOW_SECONDS + 60 } },
    {},
    1,
    { ...real, verify: (...signed) => (verified++, real.verify(...signed)) },
  )
  assert.equal(internet.ask('www.example')?.status, 'secure')
  internet.holdsWork = true
  const trapped = internet.begin('trap.wild.example')
  internet.settle()
  internet.count()
  let turns = 0
  let before = verified
  for (; !internet.outcomes.has(trapped) && turns < 1000; turns++) {
    const other = internet.begin('www.example')
    assert.equal(internet.outcomes.get(other)?.status, 'secure')
    assert.equal(internet.count(), 0)
    assert.equal(verified, before)
    assert.ok(internet.resume(), 'the trap waits for nothing')
    assert.ok(verified - before <= verificationsPerTurn, `${verified - before} in one turn`)
    before = verified
    internet.settle()
  }
  assert.equal(internet.outcomes.get(trapped)?.status, 'bogus')
  assert.ok(turns > 1, `${turns} turns`)
})

test('of many signatures of an RRset eight are tried', () => {
  const tree = signedTree()
  for (const [before, security] of [
    [7, 'secure'],
    [8, 'bogus'],
  ] as const) {
    const validation = new Validation(tree, { limits: { validationRetries: 0 } })
    assert.equal(
      validation.try(question('www.example', 'A'), manySignatures(1, before, true)).validated.security,
      security,
    )
  }
})

test('of keys with one tag two are tried', () => {
  const [one, two] = collidingKeys(2)
  assert.ok(one !== undefined && two !== undefined)
  const sortsBefore = [one, two].filter((key) => compare(key.publicKey, KEY.dnskey.publicKey) < 0).length
  const trial = new Validation(signedTree({ kind: 'nsec' }, [one])).try(question('www.example', 'A'))
  assert.equal(trial.validated.security, 'secure')
  assert.ok(trial.failed <= 2 * (sortsBefore + 1))
})

test('2,000 keys that are none, all of the tag that signs', () => {
  const tree = signedTree()
  const bad = collidingKeys(100)
  const spoil: Spoil = (message, asked) => {
    if (asked.type !== 48 || asked.name.octets.length === 1) return message
    const [first] = message.answers
    if (first === undefined) return message
    const keys = Array.from({ length: 20 }, () => bad).flat()
    const rdatas = keys.map(({ flags, publicKey }, i) =>
      Uint8Array.from([flags >> 8, flags & 0xff, 3, 13, ...publicKey, i & 0xff, i >> 8]),
    )
    return { ...message, answers: [...rdatas.map((rdata) => ({ ...first, rdata })), ...message.answers] }
  }
  const trial = new Validation(tree).try(question('www.example', 'A'), spoil)
  assert.equal(trial.validated.security, 'bogus')
  assert.ok(trial.failed <= failedVerificationsPerQuery + 1)
  assert.ok(trial.verifications <= verificationsPerQuery)
})

test('an answer of NXDOMAIN with 500 NSEC3 records in front of its proof', () => {
  const tree = signedTree({ kind: 'nsec3', optOut: false })
  const pad: Spoil = (message, asked) => {
    if (asked.type !== 1) return message
    const nsec3 = message.authorities.find(({ type }) => type === NSEC3.code)
    const rrsig = message.authorities.find(
      ({ type, rdata }) => type === RRSIG.code && typeCoveredBy(rdata) === NSEC3.code,
    )
    if (nsec3 === undefined || rrsig === undefined) return message
    const padding = Array.from({ length: 500 }, (_, i) => {
      const label = encodeBase32Hex(new Uint8Array(20).fill(i & 0xff, 0, 10).fill(i >> 8, 10))
      const owner = prependLabel(encodeAscii(label), name('example'))
      if (owner === undefined) throw new Error('the owner is too long')
      return [
        { ...nsec3, name: owner },
        { ...rrsig, name: owner },
      ]
    }).flat()
    return { ...message, authorities: [...padding, ...message.authorities] }
  }
  const trial = new Validation(tree).try(question('none.example', 'A'), pad)
  assert.equal(trial.validated.security, 'bogus')
  assert.ok(trial.verifications <= verificationsPerQuery, `${trial.verifications} verified`)
  assert.ok(trial.failed <= failedVerificationsPerQuery + 1, `${trial.failed} failed`)
  assert.ok(trial.hashes <= hashesPerQuery, `${trial.hashes} hashes`)
})

/** NSEC3 records as if hashed so often; the signatures are believed. */
const iterated =
  (iterations: number, salt = new Uint8Array(0)): Spoil =>
  (message: Message) => ({
    ...message,
    authorities: message.authorities.map((record) => {
      if (record.type !== NSEC3.code) return record
      const data = expectOk(decodeRdata(NSEC3, record.rdata), 'read an NSEC3')
      return { ...record, rdata: encodeRdata(NSEC3, { ...data, iterations, salt }) }
    }),
  })

for (const [iterations, security, most] of [
  [0, 'secure', 10],
  [50, 'bogus', hashesPerQuery],
  [51, 'insecure', 0],
  [65_535, 'insecure', 0],
] as const) {
  test(`NSEC3 with ${iterations} iterations: ${security}, at most ${most} hashes`, () => {
    const tree = signedTree({ kind: 'nsec3', optOut: false })
    const validation = new Validation(tree, { algorithms: believing })
    const trial = validation.try(question('none.example', 'A'), iterated(iterations))
    assert.equal(trial.validated.security, security)
    assert.equal(trial.validated.rcode, RCODE.NXDOMAIN)
    assert.ok(trial.hashes <= most, `${trial.hashes} hashes`)
  })
}

test('a name of 120 labels, with 50 iterations and the longest salt, stops at the budget', () => {
  const tree = signedTree({ kind: 'nsec3', optOut: false })
  const validation = new Validation(tree, { algorithms: believing })
  const trial = validation.try(question(`${'a.'.repeat(115)}example`, 'A'), iterated(50, new Uint8Array(255)))
  assert.equal(trial.validated.security, 'bogus')
  assert.ok(trial.hashes <= hashesPerQuery, `${trial.hashes} hashes`)
})

test('iterations count on the way down as well', () => {
  const tree = signedTree({ kind: 'nsec3', optOut: false })
  const trial = new Validation(tree, { algorithms: believing }).try(
    question('www.plain.example', 'A'),
    iterated(65_535),
  )
  assert.equal(trial.validated.security, 'insecure')
  assert.equal(trial.hashes, 0)
  assert.deepEqual(
    trial.validated.ede.map(({ code }) => code),
    [27],
  )
})

test('an answer of type ANY is told in part', () => {
  const tree = signedTree()
  const many: Spoil = (message, asked) => {
    if (asked.type !== 255) return message
    const data = message.answers.find(({ type }) => type === 1)
    const signature = message.answers.find(({ type, rdata }) => type === RRSIG.code && typeCoveredBy(rdata) === 1)
    if (data === undefined || signature === undefined) return message
    const rrsig: RrsigData = expectOk(decodeRdata(RRSIG, signature.rdata), 'read a signature')
    const more = Array.from({ length: 60 }, (_, i) => [
      { ...data, type: 4000 + i },
      { ...signature, rdata: encodeRdata(RRSIG, { ...rrsig, typeCovered: 4000 + i }) },
    ]).flat()
    return { ...message, answers: [...message.answers, ...more] }
  }
  const trial = new Validation(tree, { algorithms: believing }).try(question('www.example', 'ANY'), many)
  assert.equal(trial.validated.security, 'secure')
  assert.equal(trial.validated.answer.length, RESOLVER_LIMITS.rrsetsOfAny)
  assert.ok(trial.verifications <= verificationsPerQuery)
})

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return (a[i] ?? 0) - (b[i] ?? 0)
  return 0
}
