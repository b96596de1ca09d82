// The generator: always the same, everything that the grammar has, and what our own reader makes of it.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { formatEntity, formatMessage, parseMessage, readEntity } from '@scop/mime'
import { equalOctets } from '@scop/octets'
import { generateMail, HOSTILE_PRODUCTIONS, PRODUCTIONS, type Profile } from '../src/index.ts'

const PROFILES: readonly Profile[] = ['grammar', 'realistic']

/** Another hash is another corpus: GENERATOR_VERSION changes with it. */
const FIRST_THOUSAND: Readonly<Record<Profile | 'hostile', string>> = {
  grammar: '01b7b159be9d199d51a1a87475e22ad18d80cf338896d7aa3928364fb5c320de',
  realistic: 'cdd0cb4ef4640e9fbed6e105f12fa4d7a1187f873270f31ac1c636291d854759',
  hostile: 'ed407782b4443b6b809212cb149a2b07a73efbe581e591235d5a2668c354d573',
}

for (const profile of ['grammar', 'realistic', 'hostile'] as const) {
  test(`the first 1,000 mails of seed 1 are the same for ever: ${profile}`, () => {
    const hash = createHash('sha256')
    for (let i = 0; i < 1000; i++) hash.update(octetsOf(1, i, profile))
    assert.equal(hash.digest('hex'), FIRST_THOUSAND[profile])
  })
}

test('each mail depends on seed and index alone', () => {
  const alone = octetsOf(7, 42, 'grammar')
  for (let i = 0; i < 42; i++) octetsOf(7, i, 'grammar')
  assert.ok(equalOctets(octetsOf(7, 42, 'grammar'), alone))
  const others = [octetsOf(7, 43, 'grammar'), octetsOf(8, 42, 'grammar'), octetsOf(42, 7, 'grammar')]
  others.push(octetsOf(7 + 2 ** 32, 42, 'grammar'), octetsOf(7, 42 + 2 ** 40, 'grammar'))
  for (const other of others) assert.ok(!equalOctets(other, alone))
})

test('grammar takes every production', () => {
  const seen = new Set<string>()
  for (let i = 0; i < 6000; i++) for (const name of generateMail(1, i).productions.keys()) seen.add(name)
  assert.deepEqual(
    PRODUCTIONS.filter((name) => !seen.has(name)),
    [],
  )
  assert.equal(seen.size, PRODUCTIONS.length)
})

test('hostile breaks mails in every way it knows', () => {
  const seen = new Set<string>()
  for (let i = 0; i < 500; i++) {
    const { entity, productions } = generateMail(1, i, 'hostile')
    assert.equal(entity, undefined)
    for (const name of productions.keys()) seen.add(name)
  }
  assert.deepEqual([...seen].sort(), [...HOSTILE_PRODUCTIONS].sort())
})

test('no line of a header is over 998 octets, and every line ends with CRLF', () => {
  for (let i = 0; i < 1500; i++) {
    const octets = octetsOf(3, i, 'grammar')
    const { header } = parseMessage(octets).root
    for (const { kind } of header.defects)
      assert.ok(['space-before-colon', 'blank-continuation'].includes(kind), `${i}: ${kind}`)
  }
})

for (const profile of ['grammar', 'realistic', 'hostile'] as const) {
  test(`the parser loses no octet: ${profile}`, () => {
    for (let i = 0; i < 1500; i++) {
      const octets = octetsOf(2, i, profile)
      assert.ok(equalOctets(formatMessage(parseMessage(octets), octets), octets), `${i}`)
    }
  })
}

for (const profile of PROFILES) {
  test(`what is read is what was meant: ${profile}`, () => {
    for (let i = 0; i < 1500; i++) {
      const { octets, entity } = generateMail(4, i, profile)
      assert.deepEqual(readEntity(parseMessage(octets), octets), entity, `${i}`)
    }
  })

  test(`what was meant, written and read, is the same: ${profile}`, () => {
    for (let i = 0; i < 1500; i++) {
      const { entity } = generateMail(5, i, profile)
      const written = formatEntity(entity)
      assert.ok(written.ok, `${i}`)
      assert.deepEqual(readEntity(parseMessage(written.value), written.value), entity, `${i}`)
    }
  })
}

const octetsOf = (seed: number, index: number, profile: Profile | 'hostile'): Uint8Array =>
  profile === 'hostile' ? generateMail(seed, index, profile).octets : generateMail(seed, index, profile).octets
