// Our resolver beside Unbound, from the same private root, over servers of ours and BIND's: a thousand generated names get the
// same response code, the same AD and the same answers; and stock clients read what it says, by UDP, TCP and TLS.
// RFC 1034 §5.3.3, RFC 4035 §5, RFC 5155 §8, RFC 7858

import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import {
  DNSKEY,
  encodeRdata,
  formatRcode,
  formatRdata,
  formatRecord,
  formatZone,
  type Message,
  parseType,
  RRSIG,
} from '@scop/dns'
import { askServer } from '@scop/dns/node'
import { expectOk } from '@scop/result'
import { inPeerLab, LAB } from './peer-lab/lab.ts'
import { serveOurResolver } from './peer-lab/our-resolver.ts'
import { serveOurs } from './peer-lab/ours.ts'
import { startNamed, startUnbound } from './peer-lab/peers.ts'
import { delegation, labName, type LabZone, signLabZone, type SignedOptions } from './peer-lab/signed.ts'
import { toolOrFail } from './peer-lab/tool.ts'

const HEAD = '$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\n'
const content = (address: string): string => `${HEAD}ns A ${address}
@ MX 10 mail
@ TXT "v=spf1 mx -all"
mail A 127.0.0.1
mail AAAA ::1
_25._tcp.mail TLSA 3 1 1 ${'ab'.repeat(32)}
deep.below.here TXT "an empty name above"
*.wild TXT "any name"
*.wild MX 5 mail
alias CNAME mail
chain CNAME alias
away CNAME mail.three.test.
plainly CNAME mail.plain.test.
falsely CNAME mail.bogus.test.
nowhere CNAME none.mail.test.
loop CNAME loop2
loop2 CNAME loop
dname DNAME wild
other DNAME mail.test.
unsigned NS ns.unsigned
ns.unsigned A ${LAB.ours}
${Array.from({ length: 40 }, (_, i) => `h${i} A 127.1.0.${i}`).join('\n')}
`
/** Name, how it is signed, and where it is served. */
const ZONES: readonly (readonly [string, SignedOptions | undefined, 'ours' | 'named'])[] = [
  ['mail.test', {}, 'named'],
  ['nsec.test', { keys: 'ksk-zsk' }, 'ours'],
  ['ed.test', { algorithm: 15 }, 'named'],
  ['rsa.test', { algorithm: 8 }, 'ours'],
  ['three.test', { denial: { kind: 'nsec3', optOut: false } }, 'ours'],
  ['three2.test', { denial: { kind: 'nsec3', optOut: false } }, 'named'],
  ['plain.test', undefined, 'ours'],
  ['bogus.test', {}, 'ours'],
]

async function serveTree(t: TestContext): Promise<{ readonly root: LabZone }> {
  const cuts: string[] = []
  const signed: LabZone[] = []
  const plain: Record<string, string> = {}
  const files: Record<string, string> = {}
  for (const [name, options, where] of ZONES) {
    const address = where === 'ours' ? LAB.ours : LAB.named
    plain[`unsigned.${name}`] = `${HEAD}ns A ${LAB.ours}\nwww A 127.0.0.9\n`
    if (options === undefined) {
      plain[name] = content(address)
      cuts.push(delegation(name, address))
      continue
    }
    const zone = signLabZone(name, content(address), options)
    if (where === 'ours') signed.push(zone)
    else files[name] = formatZone(zone.zone)
    // The DS of a bogus zone is that of another key.
    cuts.push(
      delegation(name, address, name.startsWith('bogus') ? signLabZone(name, HEAD + 'ns A 127.0.0.1\n').ds : zone.ds),
    )
  }
  const test = signLabZone('test', `${HEAD}ns A ${LAB.parent}\n${cuts.join('')}`)
  const head = HEAD.replaceAll('ns', 'ns.lab.')
  const root = signLabZone('.', `${head}ns.lab. A ${LAB.root}\n${delegation('test', LAB.parent, test.ds)}`)
  await serveOurs(t, { address: LAB.root, zones: {}, signed: [root] })
  await serveOurs(t, { address: LAB.parent, zones: {}, signed: [test] })
  await serveOurs(t, { address: LAB.ours, zones: plain, signed })
  await startNamed(t, {
    address: LAB.named,
    zones: Object.keys(files)
      .map((name) => `zone "${name}" { type primary; file "%DIRECTORY%/${name}"; };`)
      .join('\n'),
    files,
  })
  return { root }
}

const LABELS = [
  '',
  'mail.',
  '_25._tcp.mail.',
  'here.',
  'below.here.',
  'deep.below.here.',
  'x.deep.below.here.',
  'one.wild.',
  'a.b.wild.',
  'wild.',
  'alias.',
  'chain.',
  'away.',
  'plainly.',
  'falsely.',
  'nowhere.',
  'loop.',
  'x.dname.',
  'mail.other.',
  'none.other.',
  'www.unsigned.',
  'none.unsigned.',
  'unsigned.',
  'ns.',
] as const
const TYPES = ['A', 'AAAA', 'MX', 'TXT', 'TLSA', 'NS', 'SOA', 'DS', 'DNSKEY', 'CNAME', 'CAA'] as const

/** The same ones each time. */
function generate(count: number): readonly (readonly [string, string])[] {
  let state = 4
  const below = (n: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return (state >>> 8) % n
  }
  const asked = new Map<string, readonly [string, string]>()
  while (asked.size < count) {
    const [zone] = ZONES[below(ZONES.length)] ?? ZONES[0] ?? ['mail.test']
    const roll = below(10)
    const label =
      roll < 5
        ? (LABELS[below(LABELS.length)] ?? '')
        : roll < 7
          ? `h${below(60)}.`
          : `${Array.from({ length: 1 + below(3) }, () => `n${below(1000)}`).join('.')}.`
    const type = TYPES[below(roll === 9 ? 3 : TYPES.length)] ?? 'A'
    // Unbound asks for the CNAME itself, which no server signs, and calls it bogus.
    if (type === 'CNAME' && /dname|other/.test(label)) continue
    asked.set(`${label}${zone} ${type}`, [`${label}${zone}`, type])
  }
  return [...asked.values()]
}

/** What a client sees, but for TTLs, signatures and the order of records. */
function seen({ rcode, authenticData, answers }: Message): string {
  const records = answers
    .filter(({ type }) => type !== RRSIG.code)
    .map((record) => formatRecord({ ...record, ttlSeconds: 0 }).toLowerCase())
  // A resolver may stop where aliases turn in a circle, or go round once more.
  const circle = records.some((line) => line.startsWith('loop.'))
  return `${formatRcode(rcode)}${authenticData ? ' AD' : ''}${circle ? '' : `\n${[...new Set(records)].toSorted().join('\n')}`}`
}

inPeerLab(import.meta.filename, ['dig', 'delv', 'kdig', 'unbound', 'named'], () => {
  test('a thousand names: the same as Unbound', { timeout: 240_000 }, async (t) => {
    const { root } = await serveTree(t)
    const key = formatRdata(DNSKEY.code, encodeRdata(DNSKEY, root.entry.dnskey))
    const unbound = await startUnbound(t, {
      address: LAB.unbound,
      rootAddress: LAB.root,
      anchors: `. 3600 IN DNSKEY ${key}`,
    })
    const { shell } = await serveOurResolver(t, { address: LAB.resolver, rootAddress: LAB.root, root })
    const ask = async (address: string, name: string, type: string): Promise<string> => {
      const question = { name: labName(name), type: parseType(type) ?? 0, dnssecOk: true, timeoutMs: 10_000 }
      const reply = await askServer({ server: { address, port: 53 }, ...question })
      return seen(expectOk(reply, `ask ${address} for ${name} ${type}`))
    }
    const differ: string[] = []
    const waiting = [...generate(1000)]
    const kinds = new Map<string, number>()
    const work = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const [name, type] = next
        const [ours, theirs] = [await ask(LAB.resolver, name, type), await ask(unbound.address, name, type)]
        const kind = theirs.split('\n')[0] ?? ''
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
        if (ours !== theirs) differ.push(`${name} ${type}\n  ours: ${ours}\n  Unbound: ${theirs}`)
      }
    }
    await Promise.all(Array.from({ length: 8 }, work))
    t.diagnostic(`${[...kinds].map(([kind, count]) => `${kind} ${count}`).join(', ')}; ${differ.length} differ`)
    t.diagnostic(`sent: ${JSON.stringify(shell.figures().sent)}`)
    assert.deepEqual(differ, [])
    // All that can be told apart came by.
    for (const kind of ['NOERROR AD', 'NOERROR', 'NXDOMAIN AD', 'NXDOMAIN', 'SERVFAIL'])
      assert.ok(kinds.has(kind), kind)
  })

  test('dig, delv and kdig read what it says, by UDP, TCP and TLS', async (t) => {
    const { root } = await serveTree(t)
    await serveOurResolver(t, { address: LAB.resolver, rootAddress: LAB.root, root })
    const at = `@${LAB.resolver}`
    const signed = await toolOrFail('dig', [at, '+dnssec', 'mail.mail.test', 'A'])
    assert.match(signed, /status: NOERROR/)
    assert.match(signed, /flags: qr rd ra ad;/)
    assert.match(signed, /^mail\.mail\.test\.\s+\d+\s+IN\s+RRSIG\s+A 13 3 300 /m)
    assert.match(await toolOrFail('dig', [at, '+tcp', 'mail.three.test', 'AAAA']), /^mail\.three\.test\.\s.*\s::1$/m)
    const bogus = await toolOrFail('dig', [at, 'mail.bogus.test', 'A'])
    assert.match(bogus, /status: SERVFAIL/)
    assert.match(bogus, /EDE: \d+ \(/)
    assert.match(await toolOrFail('dig', [at, '+cd', 'mail.bogus.test', 'A']), /status: NOERROR[^]*127\.0\.0\.1$/m)
    assert.match(
      await toolOrFail('kdig', [at, '+tls', '+dnssec', 'mail.nsec.test', 'A']),
      /TLS session[^]*NOERROR[^]*127\.0\.0\.1/,
    )
    const key = formatRdata(DNSKEY.code, encodeRdata(DNSKEY, root.entry.dnskey)).split(' ')
    const anchors = path.join(mkdtempSync(path.join(tmpdir(), 'delv-')), 'anchors')
    writeFileSync(
      anchors,
      `trust-anchors { "." static-key ${key.slice(0, 3).join(' ')} "${key.slice(3).join('')}"; };\n`,
    )
    for (const [name, type, expected] of [
      ['mail.mail.test', 'A', /^; fully validated$/m],
      ['x.wild.three.test', 'TXT', /^; fully validated$/m],
      ['none.nsec.test', 'A', /negative response, fully validated/],
      ['mail.plain.test', 'A', /^; unsigned answer$/m],
    ] as const) {
      assert.match(await toolOrFail('delv', [at, '-a', anchors, '+root=.', name, type]), expected, name)
    }
  })
})
