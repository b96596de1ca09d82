import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type IpAddress, parseIpAddress } from '@scop/identifiers'
import { concatOctets, decodeHex, encodeHex } from '@scop/octets'
import { expectOk } from '@scop/result'
import {
  checkCookie,
  COOKIE_TIMES,
  decodeCookie,
  encodeCookie,
  makeClientCookie,
  makeServerCookie,
  OPTION,
  readCookie,
  sipHash24,
} from '../src/index.ts'
import { VECTORS } from './vectors.ts'

const octetsOf = (hex: string): Uint8Array => expectOk(decodeHex(hex), 'read the test')
const addressOf = (text: string): IpAddress => expectOk(parseIpAddress(text), 'read the test')

const SECRET = octetsOf('e5e973e5a6b2a43f48e7dc849e37bfcf')
const OTHER = octetsOf('445536bcd2513298075a5d379663c962')
const OLD = octetsOf('dd3bdf9344b678b185a6f5cb60fca715')
const HOME = addressOf('198.51.100.100')

/** The outputs for inputs of 0 to 15 octets 00 01 02 …, from the appendix of the paper and its reference code. */
const SIPHASH = [
  [0, '310e0edd47db6f72'],
  [1, 'fd67dc93c539f874'],
  [2, '5a4fa9d909806c0d'],
  [7, '37d1018bf50002ab'],
  [8, '6224939a79f5f593'],
  [15, 'e545be4961ca29a1'],
] as const
for (const [length, hash] of SIPHASH) {
  test(`SipHash-2-4 of ${length} octets`, () => {
    const counting = Uint8Array.from({ length: 16 }, (_, i) => i)
    assert.equal(encodeHex(sipHash24(counting, counting.subarray(0, length))), hash)
  })
}

test('the cookie of RFC 9018', (t) => {
  const file = join(VECTORS, 'dns/rfc-vectors/cookies-rfc9018.txt')
  if (!existsSync(file)) return t.skip('vectors absent')
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [client, address, secret, time, cookie] = line.split(' ')
    if (line.startsWith('#') || cookie === undefined) continue
    const half = octetsOf(client ?? '')
    const made = makeServerCookie(half, addressOf(address ?? ''), octetsOf(secret ?? ''), Number(time))
    assert.equal(encodeHex(concatOctets([half, made])), cookie)
  }
})

/** RFC 9018 A.1 to A.4: cookie, address, secret, time, what it is, and the next cookie. */
const RFC = [
  [
    '2464c4abcf10c957010000005cf79f111f8130c3eee29480',
    '198.51.100.100',
    SECRET,
    1_559_734_385,
    'renew',
    '2464c4abcf10c957010000005cf7a871d4a564a1442aca77',
  ],
  [
    'fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5',
    '203.0.113.203',
    SECRET,
    1_559_734_700,
    'invalid', // older than an hour at the time of the example
    'fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e',
  ],
  [
    '22681ab97d52c298010000005cf7c57926556bd0934c72f8',
    '2001:db8:220:1:59de:d0f4:8769:82b8',
    OTHER, // while the cookie is of the secret before it
    1_559_741_961,
    'renew',
    '22681ab97d52c298010000005cf7c609a6bb79d16625507a',
  ],
] as const
for (const [cookie, address, secret, now, judgement, next] of RFC) {
  test(`RFC 9018 Appendix A: ${cookie}`, () => {
    const read = expectOk(decodeCookie(octetsOf(cookie)), 'decode')
    const secrets = { signing: secret, accepted: [OLD] }
    assert.equal(checkCookie(read, addressOf(address), secrets, now), judgement)
    const made = makeServerCookie(read.client, addressOf(address), secret, now)
    assert.equal(encodeHex(encodeCookie({ client: read.client, server: made }).octets), next)
  })
}

test('RFC 9018 A.3: a reserved octet that is not zero is hashed as it came', () => {
  const read = expectOk(decodeCookie(octetsOf(RFC[1][0])), 'decode')
  assert.equal(checkCookie(read, addressOf(RFC[1][1]), { signing: SECRET, accepted: [] }, 1_559_728_000), 'valid')
})

const CLIENT = octetsOf('2464c4abcf10c957')
const MADE = 1_700_000_000
const { aheadSeconds, longestAgeSeconds, renewAfterSeconds } = COOKIE_TIMES

/** Seconds after it was made. */
for (const [later, judgement] of [
  [0, 'valid'],
  [renewAfterSeconds, 'valid'],
  [renewAfterSeconds + 1, 'renew'],
  [longestAgeSeconds, 'renew'],
  [longestAgeSeconds + 1, 'invalid'],
  [-aheadSeconds, 'valid'],
  [-aheadSeconds - 1, 'invalid'],
] as const) {
  test(`${later} s after it was made a cookie is ${judgement}`, () => {
    const server = makeServerCookie(CLIENT, HOME, SECRET, MADE)
    const secrets = { signing: SECRET, accepted: [] }
    assert.equal(checkCookie({ client: CLIENT, server }, HOME, secrets, MADE + later), judgement)
  })
}

test('time goes around the end of 32 bits', () => {
  const server = makeServerCookie(CLIENT, HOME, SECRET, 2 ** 32 - 10)
  const secrets = { signing: SECRET, accepted: [] }
  assert.equal(checkCookie({ client: CLIENT, server }, HOME, secrets, 2 ** 32 + 10), 'valid')
})

test('secrets are rolled over: the one to come and the one before are taken, a third is not', () => {
  const server = makeServerCookie(CLIENT, HOME, SECRET, MADE)
  const cookie = { client: CLIENT, server }
  assert.equal(checkCookie(cookie, HOME, { signing: SECRET, accepted: [OTHER] }, MADE), 'valid')
  assert.equal(checkCookie(cookie, HOME, { signing: OTHER, accepted: [SECRET] }, MADE), 'renew')
  assert.equal(checkCookie(cookie, HOME, { signing: OTHER, accepted: [] }, MADE), 'invalid')
})

const SERVER = makeServerCookie(CLIENT, HOME, SECRET, MADE)
const REFUSED: readonly (readonly [string, Uint8Array | undefined, string, string])[] = [
  ['no server half', undefined, '198.51.100.100', 'absent'],
  ['another address', SERVER, '198.51.100.101', 'invalid'],
  ['an address of IPv6', SERVER, '2001:db8::1', 'invalid'],
  ['another version', SERVER.with(0, 2), '198.51.100.100', 'invalid'],
  ['a reserved octet changed', SERVER.with(2, 1), '198.51.100.100', 'invalid'],
  ['the time changed', SERVER.with(7, 1), '198.51.100.100', 'invalid'],
  ['the hash changed', SERVER.with(15, (SERVER[15] ?? 0) ^ 1), '198.51.100.100', 'invalid'],
  ['eight octets', SERVER.subarray(0, 8), '198.51.100.100', 'invalid'],
  ['32 octets', new Uint8Array(32).fill(1), '198.51.100.100', 'invalid'],
]
for (const [what, server, address, judgement] of REFUSED) {
  test(`a cookie with ${what} is ${judgement}`, () => {
    const secrets = { signing: SECRET, accepted: [OTHER] }
    assert.equal(checkCookie({ client: CLIENT, server }, addressOf(address), secrets, MADE), judgement)
  })
}

for (const length of [0, 7, 9, 15, 41, 100]) {
  test(`refuses a cookie option of ${length} octets`, () => {
    const option = { code: OPTION.COOKIE, octets: new Uint8Array(length) }
    const read = readCookie({ udpOctets: 1232, version: 0, dnssecOk: false, options: [option] })
    assert.deepEqual(read, { ok: false, error: { kind: 'cookie-length', octets: length } })
  })
}
for (const length of [8, 16, 24, 40]) {
  test(`reads a cookie option of ${length} octets, and writes it again`, () => {
    const octets = new Uint8Array(length).fill(7)
    const cookie = expectOk(decodeCookie(octets), 'decode')
    assert.equal(cookie.server?.length ?? 0, length - 8)
    assert.deepEqual(encodeCookie(cookie).octets, octets)
  })
}

test('no option is no cookie', () => {
  assert.equal(expectOk(readCookie(undefined), 'read'), undefined)
})

test('a client is another to each server, and from each of its addresses', () => {
  const [ours, server] = [addressOf('192.0.2.1'), addressOf('192.0.2.53')]
  const cookie = makeClientCookie(server, ours, SECRET)
  assert.equal(cookie.length, 8)
  assert.deepEqual(cookie, makeClientCookie(server, ours, SECRET))
  const others = [
    makeClientCookie(addressOf('192.0.2.54'), ours, SECRET),
    makeClientCookie(server, addressOf('192.0.2.2'), SECRET),
    makeClientCookie(server, undefined, SECRET),
    makeClientCookie(server, ours, OTHER),
  ]
  assert.equal(new Set([cookie, ...others].map(encodeHex)).size, 5)
})
