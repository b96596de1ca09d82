// Zones on the move between us, BIND and Knot: they as our secondaries, we as theirs, by TCP and TLS, with TSIG; updates by
// stock clients, and what those are told when we refuse.
// RFC 5936, RFC 1995, RFC 1996, RFC 2136, RFC 8945, RFC 9103

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { type NotifyTarget, parseName, parseZone, ROOT, type TsigKey, type Zone } from '@scop/dns'
import {
  createNotifySender,
  createPrimary,
  createSecondary,
  openZoneStore,
  type Primary,
  type PrimaryOptions,
  type SecondaryNews,
  serveDns,
  type ZoneSource,
} from '@scop/dns/node'
import { expectOk } from '@scop/result'
import { inPeerLab, LAB, until } from './peer-lab/lab.ts'
import { serveOurs } from './peer-lab/ours.ts'
import { type Peer, startKnotd, startNamed } from './peer-lab/peers.ts'
import { programPath, tool, toolOrFail } from './peer-lab/tool.ts'

const ORIGIN = expectOk(parseName('one.test', ROOT), 'read')
const KEY_NAME = expectOk(parseName('lab.key', ROOT), 'read')
const KEY: TsigKey = { name: KEY_NAME, algorithm: 'hmac-sha256', secret: new Uint8Array(32).fill(7) }
const SECRET = Buffer.from(KEY.secret).toString('base64')
const DIG_KEY = `hmac-sha256:lab.key:${SECRET}`
const KEY_FILE = `key "lab.key" { algorithm hmac-sha256; secret "${SECRET}"; };\n`
const TEXT = `$TTL 300
@ SOA ns root 7 3600 60 86400 300
@ NS ns
@ NS ns.elsewhere.example.
@ MX 10 mail
@ TXT "a string" "another; with \\"quotes\\" and \\\\ and \\000"
ns A ${LAB.ours}
mail A 127.0.0.1
mail AAAA ::1
*.wild TXT "any"
deep.below.here TXT "an empty name above"
alias CNAME mail
_imaps._tcp SRV 0 1 993 mail
_25._tcp.mail TLSA 3 1 1 ${'ab'.repeat(32)}
odd TYPE65400 \\# 4 00010203
child NS ns.child
ns.child A 127.0.0.9
${Array.from({ length: 300 }, (_, i) => `h${i} A 127.1.${i >> 8}.${i & 255}`).join('\n')}
`
/** The truncated MACs that dig knows. */
const BITS: Readonly<Record<string, string>> = {
  'hmac-sha256': '-128',
  'hmac-sha384': '-192',
  'hmac-sha512': '-256',
}
/** What both peers can have of us, and may change. */
const OPEN: Partial<PrimaryOptions> = {
  keys: [KEY],
  grants: [{ key: KEY_NAME, names: { kind: 'any' }, types: 'any' }],
  transfers: [{ key: KEY_NAME, zone: ORIGIN }],
}

/** Ours, with NOTIFY from its own address to these after each change. */
async function primaryWith(t: TestContext, targets: readonly NotifyTarget[]): Promise<Primary> {
  const sender = createNotifySender({ targets: () => targets, sources: [LAB.ours], limits: { firstWaitMs: 200 } })
  t.after(() => sender.close())
  const onEvent: PrimaryOptions['onEvent'] = (event) => {
    if (event.kind === 'updated' || event.kind === 'replaced') sender.changed(event.zone)
  }
  return serveOurs(t, { address: LAB.ours, zones: { 'one.test': TEXT }, options: { ...OPEN, onEvent } })
}

const namedSecondary = (t: TestContext, zone = `primaries { ${LAB.ours} key "lab.key"; };`): Promise<Peer> =>
  startNamed(t, {
    address: LAB.named,
    zones: `${KEY_FILE}zone "one.test" { type secondary; file "%DIRECTORY%/one.test"; masterfile-format text; ${zone} };`,
    options: 'allow-transfer { any; };',
  })
const knotSecondary = (t: TestContext): Promise<Peer> =>
  startKnotd(t, {
    address: LAB.knot,
    zones: `key:
  - id: lab.key
    algorithm: hmac-sha256
    secret: ${SECRET}
remote:
  - id: ours
    address: ${LAB.ours}@53
    via: ${LAB.knot}
    key: lab.key
acl:
  - id: notify
    address: ${LAB.ours}
    action: notify
  - id: transfer
    address: 127.0.0.0/8
    action: transfer
zone:
  - domain: one.test
    storage: "%DIRECTORY%"
    master: ours
    acl: [notify, transfer]
`,
  })

/** All records, each as one line, sorted; the SOA once. */
async function transferred(address: string, ...more: readonly string[]): Promise<readonly string[]> {
  const said = await toolOrFail('dig', [
    `@${address}`,
    'one.test',
    'AXFR',
    '+noall',
    '+answer',
    '+onesoa',
    '+time=5',
    ...more,
  ])
  return said
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(';'))
    .map((line) => line.replace(/\s+/g, ' '))
    .toSorted()
}
async function serialAt(address: string): Promise<number> {
  const { out } = await tool('dig', [`@${address}`, '+short', '+norecurse', '+tries=1', '+time=2', 'one.test', 'SOA'])
  return Number(out.split(' ')[2] ?? 0)
}
const follows = (peer: Peer, serial: number): Promise<void> =>
  until(
    async () => (await serialAt(peer.address)) === serial,
    () => `serial ${serial}:\n${peer.log().slice(-3000)}`,
  )

function keyFile(secret = SECRET): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'key-')), 'key')
  writeKey(file, secret)
  return file
}

inPeerLab(import.meta.filename, ['dig', 'kdig', 'named', 'knotd', 'nsupdate', 'knsupdate'], () => {
  test('BIND and Knot take our zone and follow 50 updates by nsupdate, change by change', async (t) => {
    const targets = [LAB.named, LAB.knot].map((address) => ({ address, port: 53 }))
    const ours = await primaryWith(t, targets)
    const [named, knot] = [await namedSecondary(t), await knotSecondary(t)]
    for (const peer of [named, knot]) await follows(peer, 7)
    const script = [`server ${LAB.ours}`, 'zone one.test']
    for (let i = 0; i < 50; i++) {
      if (i % 3 === 0) script.push(`update add u${i}.one.test 60 A 127.2.0.${i}`)
      else if (i % 3 === 1)
        script.push(`update add u${i - 1}.one.test 60 A 127.2.1.${i}`, `update add t${i}.one.test 60 TXT "${i}"`)
      else script.push(`update delete h${i}.one.test`, `update add mail.one.test ${60 + i} AAAA ::${i}`)
      script.push('send')
    }
    await toolOrFail('nsupdate', ['-k', keyFile()], { input: `${script.join('\n')}\n` })
    assert.equal(ours.zone(ORIGIN)?.soa.serial, 57)
    for (const peer of [named, knot]) await follows(peer, 57)
    const mine = await transferred(LAB.ours, '-y', DIG_KEY)
    assert.equal(mine.length, ours.zone(ORIGIN)?.recordCount)
    for (const peer of [named, knot]) assert.deepEqual(await transferred(peer.address), mine)
    assert.match(named.log(), /Transfer completed: .*\(serial 57\)/)
    assert.match(knot.log(), /IXFR, incoming, .*finished/)
    assert.doesNotMatch(
      named.log(),
      /failed to connect|FORMERR|not exact|malformed|tsig verify failure|retry with AXFR/i,
    )
    assert.doesNotMatch(knot.log(), /warning|error/)
    t.diagnostic(
      `BIND: ${count(named.log(), /Transfer completed/g)} transfers; Knot: ${count(knot.log(), /IXFR, incoming.*finished/g)} IXFR`,
    )
  })

  test('a secondary that was away comes back by one IXFR; one that was away too long by AXFR', async (t) => {
    const ours = await primaryWith(t, [{ address: LAB.named, port: 53 }])
    const named = await namedSecondary(t)
    await follows(named, 7)
    await named.stop()
    await update(t, 20)
    assert.equal(ours.zone(ORIGIN)?.soa.serial, 27)
    const again = await startNamed(t, {
      address: LAB.named,
      zones: `${KEY_FILE}zone "one.test" { type secondary; file "${named.directory}/one.test"; masterfile-format text; primaries { ${LAB.ours} key "lab.key"; }; };`,
      options: 'allow-transfer { any; };',
    })
    await follows(again, 27)
    assert.deepEqual(await transferred(LAB.named), await transferred(LAB.ours, '-y', DIG_KEY))
    // dig as the secondary that has an older serial than any.
    const whole = await toolOrFail('dig', [`@${LAB.ours}`, '-y', DIG_KEY, 'one.test', 'IXFR=3', '+noall', '+answer'])
    assert.equal(whole.split('\n').filter((line) => /\sSOA\s/.test(line)).length, 2)
    const changes = await toolOrFail('dig', [`@${LAB.ours}`, '-y', DIG_KEY, 'one.test', 'IXFR=7', '+noall', '+answer'])
    assert.equal(changes.split('\n').filter((line) => /\sSOA\s/.test(line)).length, 4)
    const datagram = await toolOrFail('dig', [
      `@${LAB.ours}`,
      '-y',
      DIG_KEY,
      '+notcp',
      'one.test',
      'IXFR=26',
      '+answer',
    ])
    assert.match(datagram, /u19\.one\.test/)
    assert.match(datagram, /\(UDP\)/)
  })

  test('BIND as our primary: we take the zone, hear its NOTIFY, and follow its updates', async (t) => {
    const named = await startNamed(t, {
      address: LAB.named,
      zones: `${KEY_FILE}zone "one.test" { type primary; file "%DIRECTORY%/one.test"; allow-transfer { key "lab.key"; };
        allow-update { key "lab.key"; }; also-notify { ${LAB.ours}; }; notify explicit; };`,
      files: { 'one.test': TEXT },
    })
    const followed = await followedBy(t, [{ server: { address: LAB.named, port: 53 }, key: KEY }])
    await until(() => followed.serial() === 7, 'the zone')
    await toolOrFail('nsupdate', ['-k', keyFile()], { input: updateScript(LAB.named, 10) })
    await until(
      () => followed.serial() === 17,
      () => `serial 17, at ${followed.serial()}: ${JSON.stringify(followed.news())}`,
    )
    assert.deepEqual(await transferred(LAB.ours, '-y', DIG_KEY), await transferred(LAB.named, '-y', DIG_KEY))
    assert.ok(followed.news().includes('installed changes'), String(followed.news()))
    assert.equal(await serialAt(LAB.ours), 17)
    // An update is not ours to take.
    const { code, errors } = await tool('nsupdate', ['-k', keyFile()], { input: updateScript(LAB.ours, 1) })
    assert.equal(code, 2)
    assert.match(errors, /NOTAUTH/)
    await named.stop()
    const said = await tool('dig', [`@${LAB.ours}`, 'one.test', 'SOA', '+tries=1'])
    assert.match(said.out, /status: NOERROR/)
  })

  test('Knot as our primary: the same', async (t) => {
    await startKnotd(t, {
      address: LAB.knot,
      zones: `key:
  - id: lab.key
    algorithm: hmac-sha256
    secret: ${SECRET}
remote:
  - id: ours
    address: ${LAB.ours}@53
    via: ${LAB.knot}
acl:
  - id: all
    key: lab.key
    action: [transfer, update]
zone:
  - domain: one.test
    storage: "%DIRECTORY%"
    file: one.test
    notify: ours
    acl: all
`,
      files: { 'one.test': TEXT },
    })
    const followed = await followedBy(t, [{ server: { address: LAB.knot, port: 53 }, key: KEY }])
    await until(() => followed.serial() === 7, 'the zone')
    await toolOrFail('nsupdate', ['-k', keyFile()], { input: updateScript(LAB.knot, 10) })
    await until(
      () => followed.serial() === 17,
      () => `serial 17, at ${followed.serial()}`,
    )
    assert.deepEqual(await transferred(LAB.ours, '-y', DIG_KEY), await transferred(LAB.knot, '-y', DIG_KEY))
    assert.ok(followed.news().includes('installed changes'), String(followed.news()))
  })

  test('a primary that does not know our key, and one that is not there: the next is asked', async (t) => {
    await startNamed(t, {
      address: LAB.named,
      zones: `${KEY_FILE}zone "one.test" { type primary; file "%DIRECTORY%/one.test"; allow-transfer { key "lab.key"; }; };`,
      files: { 'one.test': TEXT },
    })
    const wrong = { ...KEY, secret: new Uint8Array(32) }
    const followed = await followedBy(t, [
      { server: { address: LAB.parent, port: 53 } },
      { server: { address: LAB.named, port: 53 } },
      { server: { address: LAB.named, port: 53 }, key: wrong },
      { server: { address: LAB.named, port: 53 }, key: KEY },
    ])
    await until(
      () => followed.serial() === 7,
      () => String(followed.news()),
    )
    assert.deepEqual(followed.news().slice(0, 4), [
      'failed unreachable',
      'failed bad-transfer refused 5',
      'failed bad-transfer refused 9',
      'installed whole',
    ])
  })

  test('zones go over TLS in both directions', {
    skip: programPath('openssl') === undefined ? 'openssl absent' : false,
  }, async (t) => {
    const directory = mkdtempSync(path.join(tmpdir(), 'tls-'))
    const [key, certificate] = [path.join(directory, 'key.pem'), path.join(directory, 'certificate.pem')]
    await toolOrFail('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '30',
      '-subj',
      '/CN=lab',
      '-keyout',
      key,
      '-out',
      certificate,
      '-addext',
      `subjectAltName=DNS:lab.test,IP:${LAB.ours},IP:${LAB.named}`,
    ])
    const store = openZoneStore(path.join(directory, 'zones.sqlite'))
    const primary = expectOk(createPrimary({ store, keys: [], grants: [], ...OPEN }), 'open')
    const { zone } = await zoneOf()
    primary.addZone(zone, { author: 'lab', reason: 'lab', atMs: 0 })
    const server = await serveDns({
      address: LAB.ours,
      port: 53,
      tls: { port: 853, options: { key: readFileSync(key), cert: readFileSync(certificate) } },
      handle: (incoming) => primary.handle(incoming),
    })
    t.after(async () => {
      await server.close()
      store.close()
    })
    const kdig = await toolOrFail('kdig', [
      `@${LAB.ours}`,
      '+tls',
      `+tls-ca=${certificate}`,
      '+tls-hostname=lab.test',
      '-y',
      DIG_KEY,
      'one.test',
      'AXFR',
      '+noall',
      '+answer',
    ])
    assert.equal(kdig.split('\n').filter((line) => /\sIN?\s/.test(line)).length, zone.recordCount + 1)
    assert.equal((await transferred(LAB.ours, '+tls', '-y', DIG_KEY)).length, zone.recordCount)
    const named = await startNamed(t, {
      address: LAB.named,
      zones: `tls ours { ca-file "${certificate}"; remote-hostname "lab.test"; };
        tls mine { key-file "${key}"; cert-file "${certificate}"; };
        ${KEY_FILE}zone "one.test" { type secondary; file "%DIRECTORY%/one.test"; primaries { ${LAB.ours} port 853 key "lab.key" tls ours; }; };
        zone "two.test" { type primary; file "%DIRECTORY%/two.test"; allow-transfer port 853 transport tls { key "lab.key"; }; };`,
      options: `listen-on port 853 tls mine { ${LAB.named}; }; allow-transfer { any; };`,
      files: { 'two.test': TEXT },
    })
    await follows(named, 7)
    assert.deepEqual(await transferred(LAB.named), await transferred(LAB.ours, '-y', DIG_KEY))
    const two = expectOk(parseName('two.test', ROOT), 'read')
    const news: string[] = []
    const from = (address: string, servername: string, port = 853): ZoneSource => ({
      server: { address, port },
      key: KEY,
      tls: { ca: readFileSync(certificate), servername },
    })
    const secondary = createSecondary({
      primary,
      origin: two,
      from: [from(LAB.named, 'other.test'), from(LAB.named, 'lab.test')],
      localAddress: LAB.ours,
      onEvent: (event) => news.push(shown(event)),
    })
    t.after(() => secondary.close())
    await until(
      () => primary.zone(two)?.soa.serial === 7,
      () => `${news.join()}\n${named.log().slice(-2000)}`,
    )
    assert.deepEqual(news, ['failed unreachable', 'installed whole'])
  })

  test('stock clients of UPDATE are told what RFC 2136 and RFC 8945 say', async (t) => {
    const ours = await primaryWith(t, [])
    const run = async (
      program: string,
      lines: readonly string[],
      options: readonly string[] = ['-k', keyFile()],
    ): Promise<string> => {
      const input = `server ${LAB.ours}\nzone one.test\n${lines.join('\n')}\nsend\n`
      const { code, out, errors } = await tool(program, options, { input })
      const said = /NOTAUTH\(\w+\)|[YN]XDOMAIN|[YN]XRRSET|NOTZONE|REFUSED|NOTAUTH/.exec(out + errors)?.[0]
      return said === undefined ? `${code} ${out}${errors}`.trim() : `${code} ${said}`
    }
    const add = 'update add new.one.test 60 A 127.3.0.1'
    for (const [program, options] of [
      ['nsupdate', ['-k', keyFile()]],
      ['nsupdate', ['-v', '-k', keyFile()]],
      ['nsupdate', ['-y', DIG_KEY]],
      ['knsupdate', ['-y', DIG_KEY]],
      ['knsupdate', ['-v', '-y', DIG_KEY]],
    ] as const) {
      const before = ours.zone(ORIGIN)?.soa.serial ?? 0
      assert.equal(await run(program, [add], options), '0')
      assert.equal(await run(program, ['update delete new.one.test A'], options), '0')
      assert.equal(ours.zone(ORIGIN)?.soa.serial, before + 2)
    }
    const REFUSED: readonly (readonly [readonly string[], RegExp])[] = [
      [['prereq nxdomain mail.one.test', add], /YXDOMAIN/],
      [['prereq yxdomain none.one.test', add], /NXDOMAIN/],
      [['prereq nxrrset mail.one.test A', add], /YXRRSET/],
      [['prereq yxrrset mail.one.test TXT', add], /NXRRSET/],
      [['prereq yxrrset mail.one.test A 127.0.0.2', add], /NXRRSET/],
      [['update add outside.test 60 A 127.0.0.1'], /NOTZONE/],
    ]
    const serial = ours.zone(ORIGIN)?.soa.serial
    for (const [lines, expected] of REFUSED) {
      assert.match(await run('nsupdate', lines), new RegExp(`^2 .*${expected.source}`), String(lines))
      assert.match(await run('knsupdate', lines, ['-y', DIG_KEY]), expected, String(lines))
    }
    assert.match(
      await run('nsupdate', [add], ['-k', keyFile(Buffer.alloc(32).toString('base64'))]),
      /NOTAUTH\(BADSIG\)/,
    )
    assert.match(await run('nsupdate', [add], ['-y', `hmac-sha256:other.key:${SECRET}`]), /NOTAUTH\(BADKEY\)/)
    assert.match(await run('nsupdate', [add], ['-y', `hmac-sha512:lab.key:${SECRET}`]), /NOTAUTH\(BADKEY\)/)
    assert.match(await run('nsupdate', [add], []), /REFUSED/)
    assert.equal(ours.zone(ORIGIN)?.soa.serial, serial)
    assert.equal(await run('nsupdate', ['prereq yxrrset mail.one.test A 127.0.0.1', add]), '0')
    const said = await toolOrFail('dig', [`@${LAB.ours}`, '-y', DIG_KEY, 'new.one.test', 'A', '+norecurse'])
    assert.match(said, /127\.3\.0\.1/)
    assert.doesNotMatch(said, /WARNING|could not be validated|Couldn't verify/i)
  })

  test('every algorithm of TSIG, and truncated MACs, between dig and us', async (t) => {
    const algorithms = ['hmac-sha1', 'hmac-sha224', 'hmac-sha256', 'hmac-sha384', 'hmac-sha512'] as const
    const names = algorithms.map((algorithm) => expectOk(parseName(`${algorithm}.key`, ROOT), 'read'))
    const keys = algorithms.map((algorithm, i) => ({ ...KEY, algorithm, name: names[i] ?? ROOT, minimumMacOctets: 16 }))
    const transfers = names.map((key) => ({ key }))
    await serveOurs(t, { address: LAB.ours, zones: { 'one.test': TEXT }, options: { keys, transfers } })
    for (const algorithm of algorithms) {
      for (const bits of ['', BITS[algorithm] ?? '']) {
        const key = `${algorithm}${bits}:${algorithm}.key:${SECRET}`
        const soa = await toolOrFail('dig', [`@${LAB.ours}`, '-y', key, '+norecurse', 'one.test', 'SOA'])
        assert.match(soa, /status: NOERROR/, key)
        assert.doesNotMatch(soa, /WARNING|verify/i, key)
        assert.equal((await transferred(LAB.ours, '-y', key)).length > 300, true, key)
      }
    }
  })
})

function writeKey(file: string, secret: string): void {
  writeFileSync(file, KEY_FILE.replace(SECRET, secret))
}

function updateScript(address: string, count: number): string {
  const lines = [`server ${address}`, 'zone one.test']
  for (let i = 0; i < count; i++) lines.push(`update add u${i}.one.test 60 A 127.2.0.${i}`, 'send')
  return `${lines.join('\n')}\n`
}

async function update(_t: TestContext, count: number): Promise<void> {
  await toolOrFail('nsupdate', ['-k', keyFile()], { input: updateScript(LAB.ours, count) })
}

async function zoneOf(): Promise<{ readonly zone: Zone }> {
  return { zone: expectOk(parseZone(TEXT, ORIGIN), 'read') }
}

/** Ours as a secondary of `one.test`. */
async function followedBy(t: TestContext, from: readonly ZoneSource[]) {
  const primary = await serveOurs(t, { address: LAB.ours, zones: {}, options: OPEN })
  const news: string[] = []
  const secondary = createSecondary({
    primary,
    origin: ORIGIN,
    from,
    localAddress: LAB.ours,
    secondaryLimits: { shortestRefreshSeconds: 1, shortestRetrySeconds: 1 },
    onEvent: (event) => news.push(shown(event)),
  })
  t.after(() => secondary.close())
  return {
    serial: () => primary.zone(ORIGIN)?.soa.serial,
    news: () => news,
  }
}

function shown(event: SecondaryNews): string {
  switch (event.kind) {
    case 'installed':
      return `installed ${event.style}`
    case 'failed': {
      const { error } = event
      if (error.kind !== 'bad-transfer') return `failed ${error.kind}`
      return `failed bad-transfer ${error.error.kind}${error.error.kind === 'refused' ? ` ${error.error.rcode}` : ''}`
    }
    default:
      return event.kind
  }
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0
}
