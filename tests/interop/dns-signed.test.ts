// Signed zones of ours under a private root: Unbound and BIND believe what is there and what is not, and stock checkers find
// nothing wrong with the zone as it is transferred, also when fifty updates have gone over it.
// RFC 4035 §3.1 (answers), §5 (validation), RFC 5155 §7.2, RFC 8078

import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { DNSKEY, encodeRdata, findNode, formatRdata, type TsigKey } from '@scop/dns'
import type { Primary } from '@scop/dns/node'
import { inPeerLab, LAB } from './peer-lab/lab.ts'
import { serveOurs } from './peer-lab/ours.ts'
import { startBindResolver, startUnbound } from './peer-lab/peers.ts'
import {
  delegation,
  labName,
  type LabZone,
  onlineSigning,
  signing,
  signLabZone,
  type SignedOptions,
} from './peer-lab/signed.ts'
import { tool, toolOrFail } from './peer-lab/tool.ts'

const HEAD = '$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\n'
const CONTENT = `${HEAD}ns A ${LAB.ours}
mail MX 10 ns
mail A 127.0.0.1
_25._tcp.mail TLSA 3 1 1 ${'ab'.repeat(32)}
deep.below.here TXT "an empty name above"
*.wild TXT "any name"
alias CNAME mail
dname DNAME wild
child NS ns.child
ns.child A ${LAB.ours}
`
const KINDS: readonly (readonly [string, SignedOptions])[] = [
  ['nsec13', { algorithm: 13 }],
  ['split13', { algorithm: 13, keys: 'ksk-zsk' }],
  ['three13', { algorithm: 13, denial: { kind: 'nsec3', optOut: false } }],
  ['optout13', { algorithm: 13, denial: { kind: 'nsec3', optOut: true } }],
  ['nsec8', { algorithm: 8 }],
  ['three8', { algorithm: 8, keys: 'ksk-zsk', denial: { kind: 'nsec3', optOut: false } }],
  ['nsec15', { algorithm: 15 }],
  ['online13', { algorithm: 13, denial: { kind: 'online' } }],
  ['three15', { algorithm: 15, denial: { kind: 'nsec3', optOut: false } }],
]
/** One of each kind of denial and of signature, each fifty times. */
const UPDATED = /^(?:nsec13|optout13|nsec8|three15)\./
const KEY: TsigKey = { name: labName('lab.key'), algorithm: 'hmac-sha256', secret: new Uint8Array(32).fill(7) }
const SECRET = Buffer.from(KEY.secret).toString('base64')

type Tree = {
  readonly ours: Primary
  readonly root: LabZone
  readonly children: readonly (LabZone & { readonly name: string })[]
}

/** The root at .10, `test.` at .11, and one zone of each kind at .12, all served by this process. */
async function serveTree(t: TestContext): Promise<Tree> {
  const children = KINDS.map(([name, options]) => ({
    name: `${name}.test`,
    ...signLabZone(`${name}.test`, CONTENT, options),
  }))
  const cuts = children.map(({ name, ds }) => delegation(name, LAB.ours, ds)).join('')
  const parent = signLabZone('test', `${HEAD}ns A ${LAB.parent}\n${cuts}${delegation('plain.test', LAB.ours)}`)
  const root = signLabZone(
    '.',
    `${HEAD.replaceAll('ns', 'ns.lab.')}ns.lab. A ${LAB.root}\n${delegation('test', LAB.parent, parent.ds)}`,
  )
  await serveOurs(t, { address: LAB.root, zones: {}, signed: [root] })
  await serveOurs(t, { address: LAB.parent, zones: {}, signed: [parent] })
  const ours = await serveOurs(t, {
    address: LAB.ours,
    zones: { 'plain.test': CONTENT },
    signed: children,
    options: {
      keys: [KEY],
      grants: [{ key: KEY.name, names: { kind: 'any' }, types: 'any' }],
      transfers: [{ key: KEY.name }],
      answering: { onlineSigner: onlineSigning(children) },
      onChange: signing(children),
    },
  })
  return { ours, root, children }
}

type Expected = {
  readonly rcode: string
  readonly answers: number
  readonly secure?: boolean
  /** Rests on an NSEC3 that covers a name. With opt-out that says nothing of the name, and resolvers differ over AD. */
  readonly covered?: true
}
const COVERED = { covered: true } as const
const ASKED: readonly (readonly [string, string, Expected])[] = [
  ['mail', 'A', { rcode: 'NOERROR', answers: 1 }],
  ['mail', 'MX', { rcode: 'NOERROR', answers: 1 }],
  ['_25._tcp.mail', 'TLSA', { rcode: 'NOERROR', answers: 1 }],
  ['', 'SOA', { rcode: 'NOERROR', answers: 1 }],
  ['', 'DNSKEY', { rcode: 'NOERROR', answers: -1 }],
  ['alias', 'A', { rcode: 'NOERROR', answers: 2 }],
  ['x.dname', 'TXT', { ...COVERED, rcode: 'NOERROR', answers: 3 }],
  ['mail', 'AAAA', { rcode: 'NOERROR', answers: 0 }],
  ['here', 'A', { rcode: 'NOERROR', answers: 0 }],
  ['below.here', 'A', { rcode: 'NOERROR', answers: 0 }],
  ['none', 'A', { ...COVERED, rcode: 'NXDOMAIN', answers: 0 }],
  ['a.b.c.none', 'A', { ...COVERED, rcode: 'NXDOMAIN', answers: 0 }],
  ['zzz', 'A', { ...COVERED, rcode: 'NXDOMAIN', answers: 0 }],
  ['one.wild', 'TXT', { ...COVERED, rcode: 'NOERROR', answers: 1 }],
  ['a.b.wild', 'TXT', { ...COVERED, rcode: 'NOERROR', answers: 1 }],
  ['one.wild', 'A', { ...COVERED, rcode: 'NOERROR', answers: 0 }],
  ['child', 'DS', { ...COVERED, rcode: 'NOERROR', answers: 0 }],
]

/** Asks a validating resolver and compares response code, AD and the number of answers. */
async function ask(
  resolver: string,
  name: string,
  type: string,
  { rcode, answers, secure = true }: Expected,
  either = false,
): Promise<void> {
  const said = await toolOrFail('dig', [`@${resolver}`, '+tries=3', '+time=5', name, type])
  const [, status] = /status: ([A-Z]+)/.exec(said) ?? []
  const [, flags = ''] = /flags: ([a-z ]+);/.exec(said) ?? []
  const [, count] = /ANSWER: (\d+)/.exec(said) ?? []
  const got = {
    rcode: status,
    answers: answers < 0 ? answers : Number(count),
    secure: either ? secure : flags.split(' ').includes('ad'),
  }
  assert.deepEqual(got, { rcode, answers, secure }, `${name} ${type} at ${resolver}:\n${said}`)
}

inPeerLab(
  import.meta.filename,
  ['dig', 'delv', 'nsupdate', 'unbound', 'named', 'dnssec-verify', 'ldns-verify-zone', 'kzonecheck', 'named-checkzone'],
  () => {
    test('Unbound and BIND validate what is there and what is not', async (t) => {
      const { root, children } = await serveTree(t)
      const key = formatRdata(DNSKEY.code, encodeRdata(DNSKEY, root.entry.dnskey))
      const resolvers = [
        await startUnbound(t, { address: LAB.unbound, rootAddress: LAB.root, anchors: `. 3600 IN DNSKEY ${key}` }),
        await startBindResolver(t, { address: LAB.bindResolver, rootAddress: LAB.root, key }),
      ]
      for (const { address } of resolvers) {
        for (const { name: zone } of children) {
          await t.test(`${zone} at ${address}`, async () => {
            for (const [below, type, expected] of ASKED) {
              const either = zone.startsWith('optout') && expected.covered === true
              // Compact denials say of each name that it is there and has nothing. RFC 9824 §3.1
              const due = zone.startsWith('online') ? { ...expected, rcode: 'NOERROR' } : expected
              await ask(address, below === '' ? zone : `${below}.${zone}`, type, due, either)
            }
          })
        }
        await ask(address, 'mail.plain.test', 'A', { rcode: 'NOERROR', answers: 1, secure: false })
        await ask(address, 'nowhere.test', 'A', { rcode: 'NXDOMAIN', answers: 0 })
        await ask(address, 'nowhere', 'A', { rcode: 'NXDOMAIN', answers: 0 })
      }
    })

    test('delv validates from the root', async (t) => {
      const { root, children } = await serveTree(t)
      const key = formatRdata(DNSKEY.code, encodeRdata(DNSKEY, root.entry.dnskey)).split(' ')
      const anchors = path.join(mkdtempSync(path.join(tmpdir(), 'delv-')), 'anchors')
      writeFileSync(
        anchors,
        `trust-anchors { "." static-key ${key.slice(0, 3).join(' ')} "${key.slice(3).join('')}"; };\n`,
      )
      const unbound = await startUnbound(t, {
        address: LAB.unbound,
        rootAddress: LAB.root,
        anchors: `. 3600 IN DNSKEY ${key.join(' ')}`,
      })
      for (const { name } of children) {
        const said = await toolOrFail('delv', [`@${unbound.address}`, '-a', anchors, '+root=.', `mail.${name}`, 'A'])
        assert.match(said, /^; fully validated$/m, name)
        const denied = await tool('delv', [`@${unbound.address}`, '-a', anchors, '+root=.', `none.${name}`, 'A'])
        assert.match(denied.out + denied.errors, /negative response, fully validated/, name)
      }
    })

    test('stock checkers accept the zones, before and after fifty updates', async (t) => {
      const { ours, children: all } = await serveTree(t)
      const children = all.filter(({ name }) => !name.startsWith('online')) // a checker wants a chain
      for (const { name } of children) await checkTransferred(ours, name)
      for (const { name } of children.filter(({ name: zone }) => UPDATED.test(zone))) {
        for (let i = 0; i < 50; i++) await updateOnce(name, i)
        assert.ok(findNode(ours.zone(labName(name)) ?? assert.fail(name), labName(`h49.${name}`)), name)
        await checkTransferred(ours, name)
      }
    })
  },
)

/** Adds, changes and removes: names, types, delegations, a wildcard, empty names above. */
async function updateOnce(zone: string, i: number): Promise<void> {
  const lines = [
    `update add h${i}.${zone} 60 A 127.0.1.${i}`,
    `update add deep.d${i % 7}.${zone} 60 TXT "number ${i}"`,
    ...(i % 3 === 2 ? [`update delete h${i - 1}.${zone}`] : []),
    ...(i % 5 === 4 ? [`update delete deep.d${(i - 3) % 7}.${zone} TXT`] : []),
    ...(i % 10 === 5
      ? [`update add sub${i}.${zone} 60 NS ns.sub${i}.${zone}`, `update add ns.sub${i}.${zone} 60 A 127.0.0.1`]
      : []),
    ...(i % 10 === 8 ? [`update delete sub${i - 3}.${zone} NS`] : []),
    ...(i === 20 ? [`update delete *.wild.${zone}`] : []),
    ...(i === 30 ? [`update add *.wild.${zone} 60 TXT "back"`] : []),
    ...(i === 40 ? [`update add ${zone} 60 MX 5 mail.${zone}`, `update delete mail.${zone} MX`] : []),
  ]
  const said = await tool('nsupdate', ['-y', `hmac-sha256:lab.key:${SECRET}`, ...(i % 2 === 0 ? [] : ['-v'])], {
    input: `server ${LAB.ours}\nzone ${zone}\n${lines.join('\n')}\nsend\n`,
  })
  assert.equal(said.code, 0, `${lines.join('; ')}: ${said.out}${said.errors}`)
}

async function checkTransferred(ours: Primary, zone: string): Promise<void> {
  const axfr = ['-y', `hmac-sha256:lab.key:${SECRET}`, '+onesoa', '+noall', '+answer', zone, 'AXFR']
  const text = await toolOrFail('dig', [`@${LAB.ours}`, ...axfr])
  const records = text.split('\n').filter((line) => line !== '' && !line.startsWith(';'))
  assert.equal(records.length, ours.zone(labName(zone))?.recordCount)
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'zone-')), 'zone')
  writeFileSync(file, `${records.join('\n')}\n`)
  const checks: readonly (readonly [string, readonly string[]])[] = [
    ['dnssec-verify', ['-z', '-o', `${zone}.`, file]],
    ['ldns-verify-zone', [file]],
    ['kzonecheck', ['-o', `${zone}.`, '-d', 'on', file]],
    ['named-checkzone', ['-i', 'none', `${zone}.`, file]],
  ]
  for (const [program, arguments_] of checks) {
    const said = await tool(program, arguments_)
    assert.equal(said.code, 0, `${program} ${zone}: ${said.out}${said.errors}`)
  }
}
