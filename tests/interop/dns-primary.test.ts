// The primary of a bottle as bottle.yaml configures it: BIND and Knot take its zones and follow its changes, by TLS too; it
// takes a zone of BIND's and follows that; programs change what their key may change; strangers get nothing.

import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { issueServerCertificate } from '@scop/mesh/authority'
import { expectOk } from '@scop/result'
import { startTestBottle } from '../harness/bottle.ts'
import { inPeerLab, LAB, until } from './peer-lab/lab.ts'
import { startKnotd, startNamed } from './peer-lab/peers.ts'
import { tool, toolOrFail } from './peer-lab/tool.ts'

const TRACE = { trace: '0000000000000000' }
const BECAUSE = { author: 'lab', reason: 'lab' }
const secret = (fill: number): string => new Uint8Array(32).fill(fill).toBase64()
const [TRANSFER, ACME] = [secret(1), secret(2)]
const TEXT = `$TTL 60\n@ SOA ns root 1 3600 600 86400 60\n@ NS ns\n@ NS ns2\nns A ${LAB.ours}\nns2 A ${LAB.named}\n`

inPeerLab(import.meta.filename, ['dig', 'kdig', 'named', 'knotd', 'nsupdate', 'ldns-verify-zone'], () => {
  test('secondaries, a zone of another server, updates and DNS over TLS', { timeout: 200_000 }, async (t) => {
    const files = mkdtempSync(path.join(tmpdir(), 'tls-'))
    const certificate = await issueServerCertificate(['ns.one.test'], { nowMs: Date.now() })
    const [pem, keyPem] = [path.join(files, 'certificate.pem'), path.join(files, 'key.pem')]
    writeFileSync(pem, certificate.certificatePem)
    writeFileSync(keyPem, certificate.keyPem, { mode: 0o600 })
    const bottle = await startTestBottle({
      domain: 'mail.test',
      name: 'alice',
      address: LAB.ours,
      ports: { submissions: 465, submission: 587, smtp: 25, dns: 53, resolver: 5353 },
      settings: [
        [['listen', 'dns-tls'], `${LAB.ours}:853`],
        [['dns-primary', 'tls'], { certificate: pem, key: keyPem }],
        [['dns-primary', 'tsig-keys'], { 'transfer.key': { secret: TRANSFER }, 'acme.key': { secret: ACME } }],
        [['dns-primary', 'grants'], [{ key: 'acme.key', names: 'exact _acme-challenge.one.test', types: ['TXT'] }]],
        [
          ['dns-primary', 'secondaries'],
          [LAB.named, LAB.knot].map((address) => ({ address: `${address}:53`, key: 'transfer.key' })),
        ],
        [
          ['dns-primary', 'zones'],
          {
            'two.test': { primaries: [{ address: `${LAB.named}:53`, key: 'transfer.key' }], secondaries: [] },
            'own.test': { secondaries: [] },
          },
        ],
      ],
    })
    t.after(() => bottle.stop())
    const named = await startNamed(t, {
      address: LAB.named,
      zones: `key "transfer.key" { algorithm hmac-sha256; secret "${TRANSFER}"; };
primaries ours { ${LAB.ours} key "transfer.key"; };
zone "one.test" { type secondary; file "%DIRECTORY%/one.test"; primaries { ours; }; };
zone "two.test" { type primary; file "%DIRECTORY%/two.test"; allow-transfer { key "transfer.key"; };
  also-notify { ${LAB.ours} key "transfer.key"; }; allow-update { key "transfer.key"; }; };`,
      files: { 'two.test': TEXT },
    })
    const knot = await startKnotd(t, {
      address: LAB.knot,
      zones: `key:
  - id: transfer.key
    algorithm: hmac-sha256
    secret: ${TRANSFER}
remote:
  - id: ours
    address: ${LAB.ours}
    key: transfer.key
acl:
  - id: ours
    address: ${LAB.ours}
    key: transfer.key
    action: notify
  - id: all
    address: 127.0.0.0/8
    action: transfer
zone:
  - domain: one.test
    storage: "%DIRECTORY%"
    master: ours
    acl: [ours, all]
`,
    })
    for (const zone of ['one.test', 'own.test']) {
      expectOk(
        await bottle.calls.call('dns-primary', 'add-zone', { zone, text: TEXT, ...BECAUSE }, TRACE),
        `add ${zone}`,
      )
    }
    const serialAt = async (address: string, zone: string): Promise<number> =>
      Number((await tool('dig', [`@${address}`, '+norecurse', '+short', zone, 'SOA'])).out.split(' ')[2])
    const same = (zone: string, addresses: readonly string[], log: () => string): Promise<void> =>
      until(
        async () => new Set(await Promise.all(addresses.map((address) => serialAt(address, zone)))).size === 1,
        () => `the same ${zone} at ${addresses.join(', ')}:\n${log().slice(-3000)}`,
      )
    const logs = (): string => named.log() + knot.log()
    await same('one.test', [LAB.ours, LAB.named, LAB.knot], logs)

    // A program with a key changes what its key may change.
    const update = (key: string, server: string, zone: string, line: string): ReturnType<typeof tool> =>
      tool('nsupdate', ['-y', `hmac-sha256:${key}`], { input: `server ${server}\nzone ${zone}\n${line}\nsend\n` })
    for (let i = 0; i < 20; i++) {
      const said = await update(
        `acme.key:${ACME}`,
        LAB.ours,
        'one.test',
        `update add _acme-challenge.one.test 60 TXT "${i}"`,
      )
      assert.equal(said.code, 0, said.out + said.errors)
    }
    for (const line of [
      'update add www.one.test 60 A 127.0.0.1',
      'update add _acme-challenge.one.test 60 CAA 0 issue "x"',
    ]) {
      assert.match((await update(`acme.key:${ACME}`, LAB.ours, 'one.test', line)).errors, /REFUSED/)
    }
    assert.match(
      (await update(`transfer.key:${TRANSFER}`, LAB.ours, 'one.test', 'update delete ns.one.test')).errors,
      /REFUSED/,
    )
    await same('one.test', [LAB.ours, LAB.named, LAB.knot], logs)
    assert.match(logs(), /IXFR|incremental/i)
    const signed = ['-y', `hmac-sha256:transfer.key:${TRANSFER}`]
    const axfr = async (address: string, options: readonly string[]): Promise<readonly string[]> =>
      (await toolOrFail('kdig', [`@${address}`, ...options, 'one.test', 'AXFR', '+noall', '+answer']))
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith(';'))
        .map((line) => line.replaceAll(/\s+/g, ' '))
        .toSorted()
    const ours = await axfr(LAB.ours, signed)
    assert.ok(
      ours.filter((line) => /^_acme-challenge\.one\.test\. 60 (?:IN )?TXT /.test(line)).length === 20,
      ours.join('\n'),
    )
    assert.deepEqual(await axfr(LAB.knot, []), ours)
    const tls = ['+tls', `+tls-ca=${pem}`, '+tls-hostname=ns.one.test']
    assert.deepEqual(await axfr(LAB.ours, [...signed, ...tls]), ours)
    const file = path.join(files, 'zone')
    writeFileSync(file, `${ours.filter((line, i) => ours.indexOf(line) === i).join('\n')}\n`)
    assert.equal((await tool('ldns-verify-zone', [file])).code, 0)

    // Nobody else gets a zone, and a zone without secondaries nobody gets.
    for (const [zone, options] of [
      ['one.test', []],
      ['own.test', signed],
    ] as const) {
      const said = await tool('dig', [`@${LAB.ours}`, ...options, zone, 'AXFR'])
      assert.match(said.out, /Transfer failed/, zone)
    }

    // A zone of BIND's: taken, followed, and not to be changed here.
    await same('two.test', [LAB.ours, LAB.named], () => named.log())
    const before = await serialAt(LAB.ours, 'two.test')
    const moved = await update(
      `transfer.key:${TRANSFER}`,
      LAB.named,
      'two.test',
      'update add www.two.test 60 A 127.0.0.7',
    )
    assert.equal(moved.code, 0, moved.errors)
    await until(
      async () => (await serialAt(LAB.ours, 'two.test')) > before,
      () => named.log().slice(-3000),
    )
    assert.equal(await toolOrFail('dig', [`@${LAB.ours}`, '+norecurse', '+short', 'www.two.test', 'A']), '127.0.0.7\n')
    const { zones } = expectOk(await bottle.calls.call('dns-primary', 'list-zones', {}, TRACE), 'list').response
    assert.deepEqual(
      // Those of one label are the harness's.
      zones.filter(({ zone }) => zone.includes('.')).map(({ zone, role }) => [zone, role]),
      [
        ['mail.test', 'primary'],
        ['one.test', 'primary'],
        ['own.test', 'primary'],
        ['two.test', 'secondary'],
      ],
    )
    const change = { zone: 'two.test', serial: zones.at(-1)?.serial ?? 0, apply: true, ...BECAUSE }
    const octets = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from(TEXT)
    }
    const refused = await bottle.calls.call('dns-primary', 'change-zone', change, { ...TRACE, octets: octets() })
    assert.match(refused.ok ? '' : refused.error.reason, /another server's/)
  })
})
