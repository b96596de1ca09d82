// Attacks on iteration, each with the packets that it costs. NXNSAttack, CAMP, TsuNAME, TuDoor, SAD DNS, ghost domains,
// CacheFlush, MaginotDNS, DNSBomb.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeMessage, equalNames, formatName, type Message, RCODE } from '@scop/dns'
import { expectOk } from '@scop/result'
import { RESOLVER_LIMITS } from '../src/index.ts'
import { address, denies, Internet, name, question, refers, root, ROOT_ADDRESS, says } from './internet.ts'

const COM = '192.0.2.2'
const EVIL = '192.0.2.66'
const GOOD = '192.0.2.3'
const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n')
const below = (asked: Parameters<typeof equalNames>[0], text: string): boolean => formatName(asked).endsWith(text)

test('a delegation to a thousand names without addresses costs few packets', () => {
  const net = new Internet({
    [ROOT_ADDRESS]: root({ com: COM, test: EVIL }),
    [COM]: (query, { name: asked }) =>
      below(asked, 'victim.com.') ? denies(query, 'com.') : says(query, { rcode: RCODE.SERVFAIL }),
    [EVIL]: (query) =>
      refers(
        query,
        lines(90, (i) => `sub.test. NS n${i}.victim.com.`),
      ),
  })
  const outcome = net.ask('www.sub.test')
  assert.equal(outcome?.rcode, RCODE.SERVFAIL)
  // Root, test, com, and the misses that a delegation may have.
  assert.ok(net.sent.length <= 4 + RESOLVER_LIMITS.addressMisses + 1, `${net.sent.length} packets`)
})

test('aliases times name servers stay within one budget, however they are nested', () => {
  const net = new Internet({
    [ROOT_ADDRESS]: root({ test: EVIL }),
    [EVIL]: (query, { name: asked }) => {
      const text = formatName(asked)
      const [first = ''] = text.split('.')
      if (first.startsWith('c'))
        return says(query, { answer: `${text} CNAME c${Number(first.slice(1)) + 1}.z${first.slice(1)}.test.` })
      return refers(
        query,
        lines(20, (i) => `${text} NS n${i}.${first}x.test.`),
      )
    },
  })
  net.ask('c0.z.test')
  net.ask('w.y.test')
  assert.ok(net.sent.length <= 2 * RESOLVER_LIMITS.packetsPerQuery, `${net.sent.length} packets`)
})

for (const limit of [5, 20]) {
  test(`the budget of ${limit} packets is kept exactly`, () => {
    let n = 0
    const net = new Internet(
      {
        [ROOT_ADDRESS]: (query) =>
          formatName(query.questions[0]?.name ?? name('.')) === '.'
            ? root({})(query, question('.', 'NS'), 'udp')
            : refers(query, `test. NS n${n++}.other.`),
      },
      {},
      { packetsPerQuery: limit, addressMisses: 1000, depth: 100, packetsPerLookup: 1000 },
    )
    net.ask('a.test')
    assert.ok(net.sent.length <= limit, `${net.sent.length} packets`)
  })
}

test("zones that are each other's servers cost little once, and nothing again", () => {
  const net = new Internet({
    [ROOT_ADDRESS]: (query, asked, transport) =>
      below(asked.name, 'a.') || below(asked.name, 'b.')
        ? refers(query, below(asked.name, 'a.') ? 'a. NS ns.b.' : 'b. NS ns.a.')
        : root({})(query, asked, transport),
  })
  assert.equal(net.ask('www.a')?.rcode, RCODE.SERVFAIL)
  assert.ok(net.count() <= 20)
  assert.equal(net.ask('www.a')?.rcode, RCODE.SERVFAIL)
  assert.equal(net.count(), 0)
})

test('a failure is remembered for a while, longer each time, and then forgotten', () => {
  const net = new Internet({
    [ROOT_ADDRESS]: root({ test: GOOD }),
    [GOOD]: (query) => says(query, { rcode: RCODE.SERVFAIL }),
  })
  const { failureSeconds, failureMaxSeconds } = RESOLVER_LIMITS
  net.ask('www.test')
  for (let seconds = failureSeconds; seconds <= failureMaxSeconds; seconds *= 2) {
    net.count()
    net.pass(seconds * 1000 - 1)
    assert.equal(net.ask('www.test')?.rcode, RCODE.SERVFAIL)
    assert.equal(net.count(), 0, `after ${seconds} s less one ms`)
    net.pass(1)
    net.ask('www.test')
    assert.ok(net.count() > 0, `after ${seconds} s`)
  }
  net.servers.set(GOOD, (query) => says(query, { answer: 'www.test. A 192.0.2.80' }))
  net.pass(failureMaxSeconds * 1000)
  assert.equal(net.ask('www.test')?.answer.length, 1)
})

test('wrong replies end no wait: the right one wins', () => {
  const wrong = (query: Message): Message[] => [
    { ...says(query, { answer: 'www.test. A 203.0.113.66' }), id: query.id ^ 1 },
    { ...says(query, { answer: 'other.test. A 203.0.113.66' }), questions: [question('other.test')] },
  ]
  const net = new Internet({
    [ROOT_ADDRESS]: root({ test: GOOD }),
    [GOOD]: (query) => [...wrong(query), says(query, { answer: 'www.test. A 192.0.2.80' })],
  })
  const outcome = net.ask('www.test')
  assert.deepEqual(
    outcome?.answer.flatMap((rrset) => rrset.rdatas.map((rdata) => rdata.toHex())),
    ['c0000250'],
  )
})

test(`after ${RESOLVER_LIMITS.mismatches} wrong replies the question goes by TCP`, () => {
  const net = new Internet({
    [ROOT_ADDRESS]: root({ test: GOOD }),
    [GOOD]: (query, _, transport) =>
      transport === 'tcp'
        ? says(query, { answer: 'www.test. A 192.0.2.80' })
        : Array.from({ length: 10 }, (_unused, i) => ({
            ...says(query, { answer: 'www.test. A 203.0.113.66' }),
            id: query.id ^ (i + 1),
          })),
  })
  const outcome = net.ask('www.test')
  assert.equal(outcome?.answer[0]?.rdatas[0]?.toHex(), 'c0000250')
  assert.deepEqual(
    net.sent.slice(-2).map(({ transport }) => transport),
    ['udp', 'tcp'],
  )
})

for (const [what, octets] of [
  ['nothing', new Uint8Array(0)],
  ['a header cut short', new Uint8Array(11)],
  ['ones', new Uint8Array(512).fill(0xff)],
] as const) {
  test(`${what} as a reply ends no wait`, () => {
    const net = new Internet({
      [ROOT_ADDRESS]: root({ test: GOOD }),
      [GOOD]: (query) => [octets, says(query, { answer: 'www.test. A 192.0.2.80' })],
    })
    assert.equal(net.ask('www.test')?.answer.length, 1)
  })
}

test('equal questions of many clients are one question to a server', () => {
  const net = new Internet({
    [ROOT_ADDRESS]: root({ test: GOOD }),
    [GOOD]: (query) => says(query, { answer: 'www.test. A 192.0.2.80' }),
  })
  const ids = Array.from({ length: 50 }, () => net.begin('www.test'))
  net.settle()
  assert.ok(ids.every((id) => net.outcomes.get(id)?.answer.length === 1))
  assert.equal(net.sent.filter(({ server }) => server.address === GOOD).length, 1)
})

test('ids are spread over all their values', () => {
  const net = new Internet({ [ROOT_ADDRESS]: (query) => denies(query, '.') }, {}, { packetsPerQuery: 10_000 }, 7)
  for (let i = 0; i < 2000; i++) net.ask(`n${i}`)
  const ids = net.sent.map(({ octets }) => ((octets[0] ?? 0) << 8) | (octets[1] ?? 0))
  assert.ok(new Set(ids).size > 0.9 * ids.length)
  for (let bit = 0; bit < 16; bit++) {
    const ones = ids.filter((id) => (id >> bit) & 1).length / ids.length
    assert.ok(ones > 0.4 && ones < 0.6, `bit ${bit} is set in ${ones}`)
  }
})

const DELEGATED_TO = 'ns.ghost.test'
for (const [told, names] of [
  ['the same', [DELEGATED_TO]],
  ['others besides', [DELEGATED_TO, 'ns2.ghost.test']],
  ['others instead', ['ns3.ghost.test']],
  ['others each time', []],
] as const) {
  test(`a domain that its parent dropped dies with its delegation, whatever it says itself: ${told}`, () => {
    let delegated = true
    let said = 0
    const ofItself = () => {
      const servers = names.length > 0 ? names : [`ns${++said}.ghost.test`]
      return {
        ns: lines(servers.length, (i) => `ghost.test. 86400 NS ${servers[i]}.`),
        addresses: lines(servers.length, (i) => `${servers[i]}. 86400 A ${EVIL}`),
      }
    }
    const net = new Internet(
      {
        [ROOT_ADDRESS]: root({ test: COM }),
        [COM]: (query) =>
          delegated
            ? refers(query, `ghost.test. 60 NS ${DELEGATED_TO}.`, `${DELEGATED_TO}. 60 A ${EVIL}`)
            : denies(query, 'test.'),
        [EVIL]: (query, { name: asked, type }) => {
          const { ns, addresses } = ofItself()
          if (type === 2) return says(query, { answer: ns, additional: addresses })
          return says(query, { answer: `${formatName(asked)} 1 A 192.0.2.99`, authority: ns, additional: addresses })
        },
      },
      { refuseUnaskedNs: false },
    )
    assert.equal(net.ask('a.ghost.test')?.answer.length, 1)
    delegated = false
    for (let i = 0; i < 5; i++) {
      net.pass(10_000)
      net.ask(`b${i}.ghost.test`)
      net.ask('ghost.test', 'NS')
      for (const server of names) net.ask(server)
    }
    net.pass(11_000)
    assert.equal(net.ask('c.ghost.test')?.rcode, RCODE.NXDOMAIN)
  })
}

test('what a zone says of others is not believed', () => {
  const net = new Internet({
    [ROOT_ADDRESS]: root({ test: EVIL, com: COM }),
    [COM]: (query, { name: asked }) => says(query, { answer: `${formatName(asked)} A 192.0.2.80` }),
    [EVIL]: (query, { name: asked }) =>
      says(query, {
        answer: `${formatName(asked)} A 192.0.2.99\nbank.com. A 203.0.113.66`,
        authority: 'com. NS ns.test.',
        additional: 'ns.test. A 203.0.113.66\nbank.com. A 203.0.113.66',
      }),
  })
  net.ask('www.test')
  assert.equal(net.ask('bank.com')?.answer[0]?.rdatas[0]?.toHex(), 'c0000250')
})

test('a forwarder speaks for its own zones and no others', () => {
  const net = new Internet(
    {
      [ROOT_ADDRESS]: root({ com: COM }),
      [COM]: (query, { name: asked }) => says(query, { answer: `${formatName(asked)} A 192.0.2.80` }),
      [EVIL]: (query) =>
        says(query, {
          answer: 'www.corp.test. CNAME bank.com.\nbank.com. A 203.0.113.66',
          authority: 'com. NS ns.corp.test.',
          additional: 'ns.corp.test. A 203.0.113.66',
        }),
    },
    {
      forwards: [
        {
          zone: name('corp.test'),
          addresses: [{ address: address(EVIL), port: 53 }],
          names: [],
          first: false,
          cache: true,
          transport: 'udp',
        },
      ],
    },
  )
  net.ask('www.corp.test')
  assert.equal(net.ask('bank.com')?.answer[0]?.rdatas[0]?.toHex(), 'c0000250')
})

test('names without end of one zone, and types without end of one name, do not drive out those of another', () => {
  const net = new Internet(
    {
      [ROOT_ADDRESS]: root({ test: EVIL, com: COM }),
      [COM]: (query) => says(query, { answer: 'hot.com. 86400 A 192.0.2.80' }),
      [EVIL]: (query, { name: asked, type }) =>
        says(query, { answer: `${formatName(asked)} 86400 ${type === 1 ? 'A' : `TYPE${type}`} \\# 4 c0000263` }),
    },
    {},
    { rrsetCacheOctets: 64 * 1024, messageCacheOctets: 64 * 1024 },
  )
  net.ask('hot.com')
  for (let i = 0; i < 2000; i++) net.ask(`x${i}.test`)
  for (let i = 0; i < 2000; i++) assert.equal(net.ask('types.test', `TYPE${40_000 + i}`)?.answer.length, 1)
  const { rrsets, messages } = net.resolver.caches
  assert.ok(rrsets.octets <= 64 * 1024 && messages.octets <= 64 * 1024)
  net.count()
  assert.equal(net.ask('hot.com')?.answer.length, 1)
  assert.equal(net.count(), 0)
})

test('answers are not held back to be sent all at once', () => {
  const net = new Internet({
    [ROOT_ADDRESS]: root({ test: EVIL }),
    [EVIL]: (query) => says(query, { answer: 'slow.test. A 192.0.2.99' }),
  })
  const exchangesBefore = net.begin('warm.test', 'TXT')
  net.settle()
  assert.ok(net.outcomes.has(exchangesBefore))
  const ids = Array.from({ length: 200 }, () => net.begin('slow.test', 'A', { client: '198.51.100.1' }))
  net.pass(10_000)
  net.settle()
  assert.equal(ids.filter((id) => net.outcomes.has(id)).length, 0)
  assert.equal(net.dropped.length, 200)
})

test('an RRset that is too large, or private where it must not be, is dropped', () => {
  const net = new Internet({
    [ROOT_ADDRESS]: root({ test: EVIL }),
    [EVIL]: (query, { name: asked }) =>
      says(query, {
        answer: lines(RESOLVER_LIMITS.recordsPerRrset + 1, (i) => `${formatName(asked)} A 10.0.${i >> 8}.${i & 255}`),
      }),
  })
  assert.equal(net.ask('big.test')?.answer.length, 0)
})

test('the case of letters is repeated, or the reply is none', () => {
  const lower = (query: Message): Message => {
    const said = says(query, { answer: 'www.test. A 192.0.2.80' })
    return {
      ...said,
      questions: query.questions.map((each) => ({ ...each, name: name(formatName(each.name).toLowerCase()) })),
    }
  }
  const net = new Internet(
    {
      [ROOT_ADDRESS]: root({ test: GOOD }),
      [GOOD]: (query, _, transport) =>
        transport === 'tcp'
          ? says(query, { answer: 'www.test. A 192.0.2.80' })
          : [lower(query), lower(query), lower(query)],
    },
    { mixedCase: true },
    {},
    3,
  )
  assert.equal(net.ask('www.test')?.answer.length, 1)
  const asked = expectOk(decodeMessage(net.sent.at(-2)?.octets ?? new Uint8Array(0)), 'read the query')
  assert.notEqual(formatName(asked.questions[0]?.name ?? name('.')), 'www.test.')
  assert.equal(net.sent.at(-1)?.transport, 'tcp')
})
