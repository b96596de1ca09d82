import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectOk } from '@scop/result'
import {
  AnswerPackets,
  decodeMessage,
  type Delegate,
  type EdnsOption,
  EXTENDED_ERROR,
  extendedErrors,
  findOption,
  OPTION,
  RateLimiter,
  EMPTY_MESSAGE,
  encodeMessage,
  formatRcode,
  handleMessage,
  makeRecord,
  type Message,
  parseType,
  parseZone,
  RCODE,
  type Reaction,
  RRSIG,
  type ServerState,
  signMessage,
  TXT,
  updateMessage,
  verifyMessage,
  zoneSet,
} from '../src/index.ts'
import { exampleZone, KEY, name } from './example-zone.ts'

const NOW = 1_700_000_000
const PEER = { address: '192.0.2.1', port: 4000 }
const STATE: ServerState = {
  zones: zoneSet([exampleZone()]),
  keys: [KEY],
  grants: [{ key: KEY.name, names: { kind: 'below-label', label: '_domainkey' }, types: [TXT.code] }],
}
const query = (owner: string, type: string, more: Partial<Message> = {}): Uint8Array =>
  encodeMessage({
    ...EMPTY_MESSAGE,
    id: 5,
    questions: [{ name: name(owner), type: parseType(type) ?? -1, class: 1 }],
    ...more,
  }).octets
const edns = (udpOctets: number, version = 0) => ({ udpOctets, version, dnssecOk: false, options: [] })
const react = (octets: Uint8Array, transport: 'udp' | 'tcp' = 'udp', now = NOW): Reaction =>
  handleMessage(STATE, { octets, transport, peer: PEER, now })
const replyTo = (octets: Uint8Array, transport: 'udp' | 'tcp' = 'udp', now = NOW): Message => {
  const reaction = react(octets, transport, now)
  assert.ok(reaction.kind === 'reply')
  return expectOk(decodeMessage(reaction.octets), 'decode our own reply')
}
const record = makeRecord(TXT, name('s._domainkey.example.org'), 60, { strings: [new Uint8Array(3)] })
const update = encodeMessage(updateMessage(6, name('example.org'), [], [record])).octets

test('says nothing to what is no query', () => {
  assert.equal(react(new Uint8Array(11)).kind, 'silence')
  assert.equal(react(query('example.org', 'SOA', { response: true })).kind, 'silence')
  assert.equal(react(new Uint8Array(40).fill(0xff)).kind, 'silence')
})

test('says nothing to ports from which nobody asks, or which answer whatever they get', () => {
  const from = (port: number, transport: 'udp' | 'tcp'): string =>
    handleMessage(STATE, { octets: query('example.org', 'SOA'), transport, peer: { ...PEER, port }, now: NOW }).kind
  for (const port of [0, 7, 13, 17, 19, 37]) assert.equal(from(port, 'udp'), 'silence')
  for (const port of [1, 53, 1024, 65_535]) assert.equal(from(port, 'udp'), 'reply')
  assert.equal(from(7, 'tcp'), 'reply')
})

test('transfers and NOTIFY go to whom they are given, whole and verified', () => {
  const asked: string[] = []
  const delegate: Delegate = ({ query: message, question, signer, encode }) => {
    asked.push(`${message.opcode} ${question.type} ${signer?.key.name.key ?? '-'}`)
    return { kind: 'reply', octets: encode({ ...message, response: true, rcode: 9 }), rcode: 9 }
  }
  const through = (octets: Uint8Array, state: ServerState): Reaction =>
    handleMessage(state, { octets, transport: 'tcp', peer: PEER, now: NOW })
  const signed = signMessage(query('example.org', 'AXFR'), KEY, { now: NOW })
  const reaction = through(signed.octets, { ...STATE, transfer: delegate })
  assert.ok(reaction.kind === 'reply')
  assert.ok(verifyMessage(reaction.octets, [KEY], { now: NOW, requestMac: signed.mac }).ok)
  through(query('example.org', 'SOA', { opcode: 4 }), { ...STATE, notify: delegate })
  assert.deepEqual(asked, [`0 252 ${KEY.name.key}`, '4 6 -'])
  for (const octets of [query('example.org', 'SOA'), query('example.org', 'SOA', { opcode: 5 })])
    through(octets, { ...STATE, transfer: delegate, notify: delegate })
  const none = encodeMessage({ ...EMPTY_MESSAGE, opcode: 4 }).octets
  assert.equal(through(none, { ...STATE, notify: delegate }).kind, 'reply')
  assert.equal(asked.length, 2)
  assert.equal(formatRcode(replyTo(query('example.org', 'AXFR'), 'tcp').rcode), 'REFUSED')
})

test('answers what it cannot read with the header alone', () => {
  const reply = replyTo(query('example.org', 'SOA').subarray(0, 20))
  assert.equal(formatRcode(reply.rcode), 'FORMERR')
  assert.equal(reply.id, 5)
  assert.equal(reply.questions.length, 0)
})

test('opcodes without meaning here', () => {
  for (const opcode of [1, 2, 3, 4, 6, 15])
    assert.equal(formatRcode(replyTo(query('example.org', 'SOA', { opcode })).rcode), 'NOTIMP')
})

test('OPT is answered with OPT, and a version above 0 with BADVERS', () => {
  assert.equal(replyTo(query('example.org', 'SOA')).edns, undefined)
  assert.equal(replyTo(query('example.org', 'SOA', { edns: edns(4096) })).edns?.udpOctets, 1232)
  const bad = replyTo(query('example.org', 'SOA', { edns: edns(4096, 1) }))
  assert.equal(formatRcode(bad.rcode), 'BADVERS')
  assert.equal(bad.answers.length, 0)
})

test('by UDP at most what the client takes, and never above 1232; by TCP all', () => {
  const size = (octets: Uint8Array, transport: 'udp' | 'tcp' = 'udp'): number => {
    const reaction = react(octets, transport)
    return reaction.kind === 'reply' ? reaction.octets.length : -1
  }
  const big = 'big.example.org'
  for (const more of [{}, { edns: edns(100) }, { edns: edns(512) }]) {
    assert.ok(size(query(big, 'TXT', more)) <= 512)
    assert.ok(replyTo(query(big, 'TXT', more)).truncated)
  }
  assert.ok(size(query(big, 'TXT', { edns: edns(4096) })) <= 1232)
  assert.ok(replyTo(query(big, 'TXT', { edns: edns(4096) })).truncated)
  assert.ok(!replyTo(query(big, 'TXT'), 'tcp').truncated)
  assert.ok(size(query(big, 'TXT'), 'tcp') > 1232)
})

test('an unsigned update is refused', () => {
  assert.equal(formatRcode(replyTo(update, 'tcp').rcode), 'REFUSED')
})

test('a signed update gives a change, and two signed replies', () => {
  const signed = signMessage(update, KEY, { now: NOW })
  const reaction = react(signed.octets, 'tcp')
  assert.ok(reaction.kind === 'change')
  assert.equal(reaction.diff.toSerial, 101)
  for (const [octets, rcode] of [
    [reaction.reply, 'NOERROR'],
    [reaction.failure, 'SERVFAIL'],
  ] as const) {
    assert.ok(verifyMessage(octets, [KEY], { now: NOW, requestMac: signed.mac }).ok)
    assert.equal(formatRcode(expectOk(decodeMessage(octets), 'decode').rcode), rcode)
  }
})

test('a signed query gets a signed answer that still fits', () => {
  const signed = signMessage(query('big.example.org', 'TXT'), KEY, { now: NOW })
  const reaction = react(signed.octets)
  assert.ok(reaction.kind === 'reply' && reaction.octets.length <= 512)
  assert.ok(verifyMessage(reaction.octets, [KEY], { now: NOW, requestMac: signed.mac }).ok)
})

test('TSIG errors: NOTAUTH with the error, unsigned or signed as RFC 8945 §5.3.2 says', () => {
  const error = (octets: Uint8Array, now = NOW): readonly [string, number | undefined, number | undefined] => {
    const reply = replyTo(octets, 'tcp', now)
    return [formatRcode(reply.rcode), reply.tsig?.data.error, reply.tsig?.data.mac.length]
  }
  const by = (key: typeof KEY): Uint8Array => signMessage(update, key, { now: NOW }).octets
  assert.deepEqual(error(by({ ...KEY, name: name('nobody') })), ['NOTAUTH', 17, 0])
  assert.deepEqual(error(by({ ...KEY, algorithm: 'hmac-sha512' })), ['NOTAUTH', 17, 0])
  assert.deepEqual(error(by({ ...KEY, secret: new Uint8Array(9) })), ['NOTAUTH', 16, 0])
  assert.deepEqual(error(by(KEY), NOW + 301), ['NOTAUTH', 18, 32])
  const signed = signMessage(update, KEY, { now: NOW })
  const late = react(signed.octets, 'tcp', NOW + 1000)
  assert.ok(late.kind === 'reply')
  const other = expectOk(decodeMessage(late.octets), 'decode').tsig?.data.other
  assert.deepEqual(new DataView(new Uint8Array(other ?? []).buffer).getUint32(2), NOW + 1000)
  assert.ok(verifyMessage(late.octets, [KEY], { now: NOW, requestMac: signed.mac }).ok)
})

test('a replay within the fudge changes nothing more', () => {
  const signed = signMessage(update, KEY, { now: NOW }).octets
  const first = react(signed, 'tcp')
  assert.ok(first.kind === 'change')
  const again = handleMessage(
    { ...STATE, zones: zoneSet([first.zone]) },
    { octets: signed, transport: 'tcp', peer: PEER, now: NOW + 10 },
  )
  assert.ok(again.kind === 'reply' && again.rcode === 0)
})

const ADDRESS = PEER
const SECRET = new Uint8Array(16).fill(3)
const withOptions = (options: readonly EdnsOption[], owner = 'web.example.org', type = 'A'): Uint8Array =>
  query(owner, type, { edns: { ...edns(1232), options } })
const through = (
  state: Partial<ServerState>,
  octets: Uint8Array,
  transport: 'udp' | 'tcp' | 'tls' = 'udp',
  now = NOW,
): Message | undefined => {
  const reaction = handleMessage({ ...STATE, ...state }, { octets, transport, peer: ADDRESS, now })
  return reaction.kind === 'reply' ? expectOk(decodeMessage(reaction.octets), 'decode') : undefined
}
/** With and without kept answers: both must give the same. */
const KEEPING: readonly Partial<ServerState>[] = [{}, { packets: new AnswerPackets() }]

for (const keeping of KEEPING) {
  const how = keeping.packets === undefined ? 'made' : 'kept'
  const state = { ...keeping, cookies: () => ({ signing: SECRET, accepted: [] }) }
  const client = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)

  test(`cookies (${how}): a client gets its server's half, again when half spent; a length that cannot be is a FORMERR`, () => {
    const first = through(state, withOptions([{ code: OPTION.COOKIE, octets: client }]))
    const cookie = findOption(first?.edns, OPTION.COOKIE) ?? new Uint8Array(0)
    assert.equal(cookie.length, 24)
    assert.deepEqual(cookie.slice(0, 8), client)
    assert.equal(first?.answers.length, 1)
    const next = (now: number): Uint8Array | undefined =>
      findOption(
        through(state, withOptions([{ code: OPTION.COOKIE, octets: cookie }]), 'udp', now)?.edns,
        OPTION.COOKIE,
      )
    assert.deepEqual(next(NOW + 10)?.slice(), cookie.slice())
    assert.notDeepEqual(next(NOW + 2000)?.slice(), cookie.slice())
    for (const length of [0, 7, 9, 15, 41])
      assert.equal(through(state, withOptions([{ code: OPTION.COOKIE, octets: new Uint8Array(length) }]))?.rcode, 1)
    assert.equal(findOption(through(state, withOptions([]))?.edns, OPTION.COOKIE), undefined)
    assert.equal(
      findOption(through(keeping, withOptions([{ code: OPTION.COOKIE, octets: client }]))?.edns, OPTION.COOKIE),
      undefined,
    )
  })

  test(`a network that asks too much (${how}) gets TC or nothing; with a cookie BADCOOKIE; with ours, or by TCP, its answer`, () => {
    const limited = {
      ...state,
      rateLimiter: new RateLimiter(1, { perSecond: { answer: 2, denial: 2, referral: 2, error: 2 } }),
    }
    const ask = (octets: Uint8Array, transport: 'udp' | 'tcp' = 'udp'): readonly string[] =>
      Array.from({ length: 6 }, () => {
        const reply = through(limited, octets, transport)
        return reply === undefined
          ? '-'
          : `${formatRcode(reply.rcode)}${reply.truncated ? ' tc' : ''} ${reply.answers.length}`
      })
    assert.deepEqual(ask(withOptions([])), ['NOERROR 1', 'NOERROR 1', '-', 'NOERROR tc 0', '-', 'NOERROR tc 0'])
    const half = withOptions([{ code: OPTION.COOKIE, octets: client }])
    assert.deepEqual(ask(half), ['-', 'BADCOOKIE 0', '-', 'BADCOOKIE 0', '-', 'BADCOOKIE 0'])
    assert.deepEqual(new Set(ask(half, 'tcp')), new Set(['NOERROR 1']))
    const whole = findOption(through(state, half)?.edns, OPTION.COOKIE) ?? client
    assert.deepEqual(new Set(ask(withOptions([{ code: OPTION.COOKIE, octets: whole }]))), new Set(['NOERROR 1']))
    const forged = whole.slice().fill(0, 20)
    assert.ok(!ask(withOptions([{ code: OPTION.COOKIE, octets: forged }])).includes('NOERROR 1'))
    // What cannot be read, is refused, or is for others counts as well.
    assert.deepEqual(ask(half.subarray(0, 20)), ['FORMERR 0', 'FORMERR 0', '-', 'NOERROR tc 0', '-', 'NOERROR tc 0'])
    const denied = ask(withOptions([], 'none.example.org'))
    assert.deepEqual(denied.slice(0, 3), ['NXDOMAIN 0', 'NXDOMAIN 0', '-'])
  })

  test(`extended errors (${how}) say why, where the asker has EDNS`, () => {
    const why = (octets: Uint8Array, transport: 'udp' | 'tcp' = 'udp'): readonly number[] =>
      extendedErrors(through(keeping, octets, transport)?.edns).map(({ code }) => code)
    for (let i = 0; i < 2; i++)
      assert.deepEqual(why(withOptions([], 'elsewhere.test')), [EXTENDED_ERROR.NOT_AUTHORITATIVE])
    assert.deepEqual(why(withOptions([], 'example.org', 'AXFR'), 'tcp'), [EXTENDED_ERROR.PROHIBITED])
    assert.deepEqual(why(query('example.org', 'SOA', { opcode: 2, edns: edns(512) })), [EXTENDED_ERROR.NOT_SUPPORTED])
    assert.deepEqual(why(withOptions([])), [])
    assert.equal(through(keeping, query('elsewhere.test', 'A'))?.edns, undefined)
    const expired = { ...keeping, withdrawn: new Set([name('example.org').key]) }
    assert.deepEqual(extendedErrors(through(expired, withOptions([]))?.edns)[0]?.code, EXTENDED_ERROR.NOT_READY)
  })

  test(`options (${how}): NSID and keepalive for those who ask, padding by TLS alone, unknown ones ignored`, () => {
    const nsid = Uint8Array.of(0x6e, 0x73)
    const server = { ...keeping, nsid, keepaliveMs: 9900 }
    const said = (code: number, transport: 'udp' | 'tcp' | 'tls' = 'udp', octets = new Uint8Array(0)) =>
      findOption(through(server, withOptions([{ code, octets }]), transport)?.edns, code)
    assert.deepEqual(said(OPTION.NSID)?.slice(), nsid)
    assert.equal(said(OPTION.TCP_KEEPALIVE), undefined)
    assert.deepEqual(said(OPTION.TCP_KEEPALIVE, 'tcp')?.slice(), Uint8Array.of(0, 99))
    assert.equal(said(OPTION.PADDING, 'tcp'), undefined)
    assert.ok(said(OPTION.PADDING, 'tls') !== undefined)
    assert.equal(said(65_001, 'udp', new Uint8Array(5)), undefined)
    assert.equal(
      through(keeping, withOptions([{ code: OPTION.NSID, octets: new Uint8Array(0) }]))?.edns?.options.length,
      0,
    )
    const padded = handleMessage(
      { ...STATE, ...server },
      {
        octets: withOptions([{ code: OPTION.PADDING, octets: new Uint8Array(3) }]),
        transport: 'tls',
        peer: PEER,
        now: NOW,
      },
    )
    assert.ok(padded.kind === 'reply' && padded.octets.length === 468)
  })
}

test('a question for nothing but a cookie is answered, and without cookies is none', () => {
  const octets = encodeMessage({
    ...EMPTY_MESSAGE,
    edns: { ...edns(1232), options: [{ code: OPTION.COOKIE, octets: new Uint8Array(8) }] },
  }).octets
  assert.equal(through({ cookies: () => ({ signing: SECRET, accepted: [] }) }, octets)?.rcode, 0)
  assert.equal(through({}, octets)?.rcode, 1)
})

test('an answer that an alias leads into a zone signed online is not kept: what could not be signed once is signed later', () => {
  const zoneOf = (origin: string, text: string) =>
    expectOk(parseZone(`$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 127.0.0.1\n${text}`, name(origin)), 'read')
  const zones = zoneSet([zoneOf('one.test', 'www CNAME www.two.test.\n'), zoneOf('two.test', 'www A 192.0.2.1\n')])
  let exhausted = true
  const onlineSigner: ServerState['onlineSigner'] = (zone) =>
    zone.origin.key === name('two.test').key
      ? {
          denial: 'compact',
          sign: (_, __, rrset) =>
            exhausted ? undefined : { ...rrset, type: RRSIG.code, rdatas: [new Uint8Array(24)] },
        }
      : undefined
  const state = { zones, onlineSigner, packets: new AnswerPackets() }
  const asked = query('www.one.test', 'A', { edns: { ...edns(1232), dnssecOk: true } })
  for (let i = 0; i < 4; i++) assert.equal(through(state, asked)?.rcode, RCODE.SERVFAIL)
  exhausted = false
  for (let i = 0; i < 4; i++) {
    const reply = through(state, asked)
    assert.equal(reply?.rcode, RCODE.NOERROR)
    assert.ok((reply?.answers.length ?? 0) >= 3)
  }
})
