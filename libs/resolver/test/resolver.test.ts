// What the core promises: the same events give the same actions, bounds hold, and each feature does what its RFC says.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeMessage, EMPTY_MESSAGE, encodeMessage, formatName, type Message, RCODE } from '@scop/dns'
import { expectOk } from '@scop/result'
import {
  type ResolverAction,
  type ResolverConfig,
  type ResolverEvent,
  type ResolverLimits,
  type StaleConfig,
} from '../src/index.ts'
import {
  address,
  type Answerer,
  denies,
  Internet,
  name,
  question,
  refers,
  root,
  ROOT_ADDRESS,
  says,
} from './internet.ts'

const TLD = '192.0.2.2'
const WWW = '192.0.2.3'
const OTHER = '192.0.2.4'
const A_80 = 'c0000250'

const test1: Answerer = (query, { name: asked }) => says(query, { answer: `${formatName(asked)} 300 A 192.0.2.80` })
const internet = (
  servers: Readonly<Record<string, Answerer>>,
  config: Partial<ResolverConfig> = {},
  limits: Partial<ResolverLimits> = {},
): Internet => new Internet({ [ROOT_ADDRESS]: root({ test: TLD }), ...servers }, config, limits)
const data = (
  outcome: { readonly answer: readonly { readonly rdatas: readonly Uint8Array[] }[] } | undefined,
): string => outcome?.answer.map(({ rdatas }) => rdatas.map((rdata) => rdata.toHex()).join()).join() ?? ''

test('from the hints by the root to the answer; the second time nobody is asked', () => {
  const net = internet({ [TLD]: test1 })
  assert.equal(data(net.ask('www.test')), A_80)
  assert.deepEqual(
    net.sent.map(({ server }) => server.address),
    [ROOT_ADDRESS, ROOT_ADDRESS, TLD],
  )
  net.count()
  assert.equal(data(net.ask('www.test')), A_80)
  assert.equal(net.count(), 0)
})

test('TTLs count down, and what is past its time is asked for again', () => {
  const net = internet({ [TLD]: test1 })
  net.ask('www.test')
  net.pass(100_000)
  assert.equal(net.ask('www.test')?.answer[0]?.ttlSeconds, 200)
  net.count()
  net.pass(200_000)
  assert.equal(net.ask('www.test')?.answer[0]?.ttlSeconds, 300)
  assert.equal(net.count(), 1)
})

test('a cut reply is asked for again by TCP', () => {
  const net = internet({
    [TLD]: (query, asked, transport) =>
      transport === 'udp' ? { ...says(query, {}), truncated: true } : test1(query, asked, transport),
  })
  assert.equal(data(net.ask('www.test')), A_80)
  assert.deepEqual(
    net.sent.slice(-2).map(({ transport }) => transport),
    ['udp', 'tcp'],
  )
})

for (const rcode of [RCODE.FORMERR, RCODE.NOTIMP]) {
  for (const sendsBack of [false, true]) {
    test(`a server that answers EDNS with response code ${rcode}${sendsBack ? ' and the same EDNS' : ''} is asked without, and from then on`, () => {
      const net = internet({
        [TLD]: (query, asked, transport) =>
          query.edns === undefined
            ? test1(query, asked, transport)
            : { ...says(query, { rcode }), edns: sendsBack ? query.edns : undefined },
      })
      assert.equal(data(net.ask('www.test')), A_80)
      net.count()
      net.ask('www2.test')
      assert.equal(net.count(), 1)
    })
  }
}

test('a name is asked for label by label, as the minimised type says', () => {
  for (const [minimisedType, code] of [
    ['A', 1],
    ['NS', 2],
  ] as const) {
    const asked: string[] = []
    const net = internet(
      {
        [TLD]: (query, { name: of, type }) => {
          asked.push(`${formatName(of)} ${type}`)
          return type === 16 ? says(query, { answer: 'b.a.test. TXT x' }) : denies(query, 'test.', RCODE.NOERROR)
        },
      },
      { minimise: 'relaxed', minimisedType },
    )
    assert.equal(net.ask('b.a.test', 'TXT')?.rcode, RCODE.NOERROR)
    assert.deepEqual(asked, [`a.test. ${code}`, 'b.a.test. 16'])
  }
})

test('two DNAMEs at one name are neither an alias nor a denial', () => {
  const two = 'x.test. DNAME a.test.\nx.test. DNAME b.test.'
  for (const [answer, rcode] of [
    [two, RCODE.SERVFAIL],
    [`${two}\nwww.x.test. CNAME www.a.test.`, RCODE.NOERROR],
    ['x.test. DNAME a.test.', RCODE.NOERROR],
  ] as const) {
    const net = internet({
      [TLD]: (query, asked, transport) =>
        formatName(asked.name) === 'www.x.test.' ? says(query, { answer }) : test1(query, asked, transport),
    })
    const outcome = net.ask('www.x.test')
    assert.equal(outcome?.rcode, rcode, answer)
    assert.equal(
      outcome?.answer.some(({ type }) => type === 1),
      rcode === RCODE.NOERROR,
    )
  }
})

test('a server that loses packets is asked again, and then another', () => {
  const servers = {
    [TLD]: (query: Message) =>
      refers(query, 'x.test. NS a.x.test.\nx.test. NS b.x.test.', `a.x.test. A ${WWW}\nb.x.test. A ${OTHER}`),
    [OTHER]: test1,
  }
  const net = internet(servers)
  assert.equal(data(net.ask('www.x.test')), A_80)
})

test('lame servers, resolvers and refusals are passed by', () => {
  for (const bad of [
    (query: Message) => refers(query, '. NS root.test.'),
    (query: Message) => says(query, { rcode: RCODE.REFUSED }),
    (query: Message): Message => ({ ...says(query, { aa: false }), recursionAvailable: true }),
    (query: Message) => says(query, { aa: false, authority: 'x.test. NS a.x.test.' }),
  ]) {
    const net = internet({
      [TLD]: (query) =>
        refers(query, 'x.test. NS a.x.test.\nx.test. NS b.x.test.', `a.x.test. A ${WWW}\nb.x.test. A ${OTHER}`),
      [WWW]: bad,
      [OTHER]: test1,
    })
    assert.equal(data(net.ask('www.x.test')), A_80)
  }
})

test('addresses of name servers are looked up where there is no glue', () => {
  const net = new Internet({
    [ROOT_ADDRESS]: root({ test: TLD, com: OTHER }),
    [TLD]: (query) => refers(query, 'x.test. NS ns.com.'),
    [OTHER]: (query) => says(query, { answer: `ns.com. A ${WWW}` }),
    [WWW]: test1,
  })
  assert.equal(data(net.ask('www.x.test')), A_80)
})

test('aliases are followed across zones, DNAMEs too', () => {
  const net = new Internet({
    [ROOT_ADDRESS]: root({ test: TLD, com: OTHER }),
    [TLD]: (query, { name: asked }) =>
      formatName(asked) === 'alias.test.'
        ? says(query, { answer: 'alias.test. CNAME www.old.test.' })
        : says(query, { answer: 'old.test. DNAME new.com.' }),
    [OTHER]: test1,
  })
  const outcome = net.ask('alias.test')
  assert.deepEqual(
    outcome?.answer.map(({ name: owner, type }) => `${formatName(owner)} ${type}`),
    ['alias.test. 5', 'old.test. 39', 'www.old.test. 5', 'www.new.com. 1'],
  )
})

test('denials are kept as long as their SOA says', () => {
  for (const rcode of [RCODE.NXDOMAIN, RCODE.NOERROR]) {
    const net = internet({ [TLD]: (query) => denies(query, 'test.', rcode) })
    assert.equal(net.ask('no.test')?.rcode, rcode)
    net.count()
    net.pass(299_000)
    assert.equal(net.ask('no.test')?.rcode, rcode)
    assert.equal(net.count(), 0)
    net.pass(1000)
    net.ask('no.test')
    assert.equal(net.count(), 1)
  }
})

test('nothing is below a name that does not exist, where that is to be believed', () => {
  for (const [nxdomainCut, packets] of [
    ['always', 0],
    ['secure', 1],
    ['no', 1],
  ] as const) {
    const net = internet({ [TLD]: (query) => denies(query, 'test.') }, { nxdomainCut })
    net.ask('no.test')
    net.count()
    assert.equal(net.ask('www.no.test')?.rcode, RCODE.NXDOMAIN)
    assert.equal(net.count(), packets, nxdomainCut)
  }
})

test('servers are told no more of the name than they need', () => {
  const seen: string[] = []
  const see =
    (then: Answerer): Answerer =>
    (query, asked, transport) => {
      seen.push(`${formatName(asked.name)} ${asked.type}`)
      return then(query, asked, transport)
    }
  const net = internet(
    {
      [ROOT_ADDRESS]: see(root({ test: TLD })),
      [TLD]: see((query, { name: asked }) =>
        refers(query, 'x.test. NS ns.x.test.', formatName(asked).endsWith('x.test.') ? `ns.x.test. A ${WWW}` : ''),
      ),
      [WWW]: see((query, { name: asked, type }) =>
        formatName(asked) === 'a.b.x.test.' && type === 16
          ? says(query, { answer: 'a.b.x.test. TXT "yes"' })
          : denies(query, 'x.test.', RCODE.NOERROR),
      ),
    },
    { minimise: 'relaxed' },
  )
  assert.equal(net.ask('a.b.x.test', 'TXT')?.answer.length, 1)
  assert.deepEqual(seen, ['. 2', 'test. 1', 'x.test. 1', 'b.x.test. 1', 'a.b.x.test. 16'])
})

test('a name of many labels costs no more steps than the limit', () => {
  const many = Array.from({ length: 60 }, (_, i) => `l${i}`).join('.')
  const net = internet({ [TLD]: (query) => denies(query, 'test.', RCODE.NOERROR) }, { minimise: 'relaxed' })
  net.ask(`${many}.test`, 'TXT')
  const steps = net.sent.filter(({ server }) => server.address === TLD).length
  assert.ok(steps <= 11, `${steps} steps`)
})

test('a server that knows nothing of empty names gets the whole name', () => {
  const net = internet(
    {
      [TLD]: (query, asked, transport) =>
        formatName(asked.name) === 'a.b.test.' ? test1(query, asked, transport) : denies(query, 'test.'),
    },
    { minimise: 'relaxed' },
  )
  assert.equal(data(net.ask('a.b.test')), A_80)
})

test('stubs and forwarders are asked for their zones; the closest counts', () => {
  const zone = (text: string, server: string) => ({
    zone: name(text),
    addresses: [{ address: address(server), port: 53 }],
    names: [],
    first: false,
    cache: true,
    transport: 'udp' as const,
  })
  const net = internet(
    {
      [WWW]: test1,
      [OTHER]: (query, { name: asked }) => says(query, { answer: `${formatName(asked)} A 192.0.2.81`, aa: false }),
    },
    { stubs: [{ ...zone('stub.test', WWW), prime: false }], forwards: [zone('test', OTHER)] },
  )
  assert.equal(data(net.ask('a.stub.test')), A_80)
  assert.equal(data(net.ask('a.test')), 'c0000251')
  assert.deepEqual(
    net.sent.map(({ octets }) => expectOk(decodeMessage(octets), 'read a query').recursionDesired),
    [false, true],
  )
})

test('where a forwarder fails, iteration goes on if it may', () => {
  for (const first of [true, false]) {
    const net = internet(
      { [TLD]: test1 },
      {
        forwards: [
          {
            zone: name('test'),
            addresses: [{ address: address(OTHER), port: 53 }],
            names: [],
            first,
            cache: true,
            transport: 'udp',
          },
        ],
      },
    )
    assert.equal(net.ask('a.test')?.rcode, first ? RCODE.NOERROR : RCODE.SERVFAIL)
  }
})

test('cookies are sent, kept and repeated; a reply with another is none', () => {
  const sent: string[] = []
  const cookie = (query: Message): Uint8Array =>
    query.edns?.options.find(({ code }) => code === 10)?.octets ?? new Uint8Array(0)
  const withCookie = (reply: Message, octets: Uint8Array): Message => ({
    ...reply,
    edns: { udpOctets: 1232, version: 0, dnssecOk: false, options: [{ code: 10, octets }] },
  })
  const net = internet({
    [TLD]: (query, { name: asked }) => {
      const own = cookie(query)
      sent.push(own.toHex())
      const good = Uint8Array.from([...own.subarray(0, 8), 1, 2, 3, 4, 5, 6, 7, 8])
      const said = says(query, { answer: `${formatName(asked)} A 192.0.2.80` })
      return [
        withCookie(says(query, { answer: `${formatName(asked)} A 203.0.113.66` }), new Uint8Array(16)),
        withCookie(said, good),
      ]
    },
  })
  assert.equal(data(net.ask('a.test')), A_80)
  assert.equal(data(net.ask('b.test')), A_80)
  assert.equal(sent[0]?.length, 16)
  assert.equal(sent[1], `${sent[0]}0102030405060708`)
})

const STALE: StaleConfig = { maxSeconds: 3600, replySeconds: 30, clientTimeoutMs: 1800, reset: false, told: true }

test('a stale answer is told when the fresh one does not come in time, and no longer than it may', () => {
  const net = internet({ [TLD]: test1 }, { stale: STALE })
  net.ask('www.test')
  net.servers.delete(TLD)
  net.pass(301_000)
  const id = net.begin('www.test')
  net.pass(1799)
  assert.ok(!net.outcomes.has(id))
  net.pass(1)
  const outcome = net.outcomes.get(id)
  assert.deepEqual([outcome?.answer[0]?.ttlSeconds, outcome?.stale, outcome?.ede[0]?.code], [30, true, 3])
  net.settle()
  net.pass(3_700_000)
  assert.equal(net.ask('www.test')?.rcode, RCODE.SERVFAIL)
})

test('with no time to wait a stale answer comes at once, and the fresh one is fetched behind it', () => {
  const net = internet({ [TLD]: test1 }, { stale: { ...STALE, clientTimeoutMs: 0 } })
  net.ask('www.test')
  net.pass(301_000)
  assert.equal(net.ask('www.test')?.stale, true)
  assert.equal(net.ask('www.test')?.stale, false)
})

test('answers in their last tenth are renewed, and earlier ones are not', () => {
  const net = internet({ [TLD]: test1 }, { prefetch: true })
  net.ask('www.test')
  net.count()
  net.pass(269_000)
  net.ask('www.test')
  assert.equal(net.count(), 0)
  net.pass(2000)
  assert.equal(net.ask('www.test')?.answer[0]?.ttlSeconds, 29)
  assert.ok(net.count() > 0)
  assert.equal(net.ask('www.test')?.answer[0]?.ttlSeconds, 300)
})

test('questions without RD are refused to all but those who may read the cache', () => {
  const net = internet({ [TLD]: test1 })
  net.ask('www.test')
  net.count()
  assert.equal(net.ask('www.test', 'A', { recursionDesired: false })?.rcode, RCODE.REFUSED)
  assert.equal(data(net.ask('www.test', 'A', { recursionDesired: false, mayReadCache: true })), A_80)
  assert.equal(net.ask('other.test', 'A', { recursionDesired: false, mayReadCache: true })?.authority[0]?.type, 2)
  assert.equal(net.count(), 0)
})

test('transfers and unknown meta types are not looked up', () => {
  const net = internet({})
  for (const [type, rcode] of [
    ['AXFR', RCODE.REFUSED],
    ['IXFR', RCODE.REFUSED],
    ['TSIG', RCODE.FORMERR],
  ] as const)
    assert.equal(net.ask('www.test', type)?.rcode, rcode)
  assert.equal(net.count(), 0)
})

test('version.bind and id.server are told as configured, and refused where they are not', () => {
  const net = internet({}, { version: 'scop 1' })
  const chaos = (text: string) => ({ question: { ...question(text, 'TXT'), class: 3 } })
  assert.equal(net.ask('.', 'TXT', chaos('version.bind'))?.answer[0]?.rdatas[0]?.toHex(), '0673636f702031')
  assert.equal(net.ask('.', 'TXT', chaos('id.server'))?.rcode, RCODE.REFUSED)
  assert.equal(net.count(), 0)
})

const LIMITS: readonly (readonly [keyof ResolverLimits, number, (net: Internet) => void])[] = [
  ['aliasHops', 3, (net) => assert.equal(net.ask('c0.test')?.rcode, RCODE.SERVFAIL)],
  ['referrals', 4, (net) => assert.equal(net.ask('a.b.c.d.e.f.deep.test')?.rcode, RCODE.SERVFAIL)],
  ['packetsPerLookup', 2, (net) => assert.ok((net.ask('silent.test'), net.sent.length <= 4))],
  ['attemptsPerServer', 2, (net) => assert.ok((net.ask('silent.test'), net.sent.length <= 4))],
  ['waitingClients', 1, (net) => assert.deepEqual((net.begin('a.test'), net.begin('b.test'), net.dropped), [2])],
  [
    'waitingPerClient',
    1,
    (net) =>
      assert.deepEqual(
        (net.begin('a.test', 'A', { client: 'x' }),
        net.begin('b.test', 'A', { client: 'x' }),
        net.begin('b.test', 'A', { client: 'y' }),
        net.dropped),
        [2],
      ),
  ],
  [
    'clientWaitMs',
    100,
    (net) => assert.deepEqual((net.begin('a.test', 'A', { client: 'x' }), net.pass(101), net.dropped), [1]),
  ],
  ['exchanges', 0, (net) => assert.equal(net.ask('a.test')?.rcode, RCODE.SERVFAIL)],
  ['exchangesPerZone', 0, (net) => assert.equal(net.ask('a.test')?.rcode, RCODE.SERVFAIL)],
  [
    'queryMs',
    10,
    (net) => {
      net.begin('a.test')
      net.nowMs += 11
      net.settle()
      assert.equal(net.outcomes.get(1)?.rcode, RCODE.SERVFAIL)
    },
  ],
  ['addressLookups', 0, (net) => assert.equal(net.ask('www.glueless.test')?.rcode, RCODE.SERVFAIL)],
  ['nameServers', 1, (net) => assert.equal(net.ask('www.second.test')?.rcode, RCODE.SERVFAIL)],
]
for (const [limit, value, check] of LIMITS) {
  test(`the limit ${limit} holds`, () => {
    const tld: Answerer = (query, { name: asked }, transport) => {
      const text = formatName(asked)
      const alias = /^c(\d+)\./.exec(text)?.[1]
      if (alias !== undefined) return says(query, { answer: `${text} CNAME c${Number(alias) + 1}.test.` })
      if (text.endsWith('silent.test.')) return undefined
      if (text.endsWith('glueless.test.')) return refers(query, 'glueless.test. NS ns.elsewhere.test.')
      if (text.endsWith('second.test.'))
        return refers(
          query,
          'second.test. NS a.silent.test.\nsecond.test. NS b.second.test.',
          `b.second.test. A ${WWW}`,
        )
      if (!text.endsWith('deep.test.')) return test1(query, { name: asked, type: 1, class: 1 }, transport)
      const cuts = ['deep', 'f.deep', 'e.f.deep', 'd.e.f.deep', 'c.d.e.f.deep', 'b.c.d.e.f.deep']
      const cut = cuts[deep++] ?? 'deep'
      return refers(query, `${cut}.test. NS ns.${cut}.test.`, `ns.${cut}.test. A ${TLD}`)
    }
    let deep = 0
    const net = internet({ [TLD]: tld, [WWW]: test1 }, {}, { [limit]: value })
    check(net)
  })
}

/** Events that a caller could send, replies being octets of any kind. */
const events = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('query' as const),
      id: fc.nat(50),
      question: fc.constantFrom(question('a.test'), question('b.test', 'TXT'), question('c.a.test', 'MX')),
      recursionDesired: fc.boolean(),
      checkingDisabled: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('reply' as const),
      exchange: fc.integer({ min: 1, max: 20 }),
      octets: fc.uint8Array({ maxLength: 60 }),
    }),
    fc.record({
      kind: fc.constant('failed' as const),
      exchange: fc.integer({ min: 1, max: 20 }),
      reason: fc.constantFrom('timeout' as const, 'closed' as const),
    }),
    fc.constantFrom({ kind: 'tick' as const }, { kind: 'resume' as const }),
  ),
  { maxLength: 40 },
)

test('the same events give the same actions', () => {
  fc.assert(
    fc.property(events, fc.array(fc.nat(3000), { minLength: 40, maxLength: 40 }), (all, waits) => {
      const play = (): readonly ResolverAction[] => {
        const net = internet({})
        return all.flatMap((event: ResolverEvent, i) => {
          net.nowMs += waits[i] ?? 0
          return net.event(event)
        })
      }
      assert.deepEqual(play(), play())
    }),
    { numRuns: 50 },
  )
})

test('an exchange that has ended is not heard of again', () => {
  const net = internet({ [TLD]: test1 })
  net.ask('www.test')
  const last = net.sent.at(-1)
  const octets = encodeMessage({ ...EMPTY_MESSAGE, response: true }).octets
  assert.deepEqual(net.event({ kind: 'reply', exchange: last?.exchange ?? 0, octets }), [])
  assert.deepEqual(net.event({ kind: 'failed', exchange: 4711, reason: 'timeout' }), [])
})
