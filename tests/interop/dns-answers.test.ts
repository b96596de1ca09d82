// Our answers beside those of BIND and NSD from the same signed zones: thousands of questions, compared record by record.

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import {
  decodeMessage,
  EMPTY_MESSAGE,
  encodeMessage,
  formatRcode,
  formatRecord,
  type Message,
  parseName,
  parseType,
  type ResourceRecord,
  ROOT,
} from '@scop/dns'
import { expectOk } from '@scop/result'
import { inPeerLab, LAB } from './peer-lab/lab.ts'
import { serveOurs } from './peer-lab/ours.ts'
import { startNamed, startPeer } from './peer-lab/peers.ts'
import { tool } from './peer-lab/tool.ts'

const ORIGIN = 'answers.test'
const ZONE = `$TTL 3600
@ SOA ns1 hostmaster 1 7200 900 1209600 300
@ NS ns1
@ NS ns2.elsewhere.test.
@ MX 10 mail
@ TXT "apex"
ns1 A 127.0.0.12
mail A 127.0.0.25
mail AAAA ::1
www CNAME web
web A 127.0.0.80
chain1 CNAME chain2
chain2 CNAME chain3
chain3 CNAME a.wild
out CNAME host.elsewhere.test.
gone CNAME nothing
tocut CNAME x.unsigned
todname CNAME x.d
loop1 CNAME loop2
loop2 CNAME loop1
*.wild A 127.0.0.90
*.wild TXT "wildcard"
host.wild A 127.0.0.91
deep.host.wild A 127.0.0.92
*.alias CNAME web
sub.*.star A 127.0.0.93
a.b.c.ent A 127.0.0.94
unsigned NS ns.unsigned
unsigned NS ns.elsewhere.test.
ns.unsigned A 127.0.0.53
hidden.unsigned TXT "occluded"
signed NS ns.signed
signed DS 12345 13 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
ns.signed A 127.0.0.54
sibling NS ns.unsigned
deep.ent2 NS ns.elsewhere.test.
d DNAME target
x.target A 127.0.0.95
d TXT "owner of a DNAME"
_25._tcp.mail TLSA 3 1 1 0011223344556677889900112233445566778899001122334455667788990011
_sip._tcp SRV 0 0 5060 mail
UPPER A 127.0.0.96
`
const LONG = `${'q'.repeat(63)}.${'r'.repeat(63)}.${'s'.repeat(60)}`
const OWNERS = String.raw`
  ns1 mail www web chain1 chain3 out gone tocut todname loop1 none a.none wild a.wild b.a.wild *.wild
  host.wild x.host.wild deep.host.wild x.deep.host.wild alias x.alias y.x.alias star *.star x.star
  sub.x.star sub.*.star ent c.ent b.c.ent a.b.c.ent x.ent x.c.ent x.a.b.c.ent ent2 x.ent2 deep.ent2
  x.deep.ent2 unsigned x.unsigned ns.unsigned hidden.unsigned signed x.signed ns.signed sibling
  x.sibling d x.d y.x.d target x.target y.x.target _tcp.mail _25._tcp.mail _26._tcp.mail _tcp
  _sip._tcp upper uPPeR zzz \000 a\.b -
`
const TYPES = 'A AAAA TXT MX NS DS CNAME DNAME SOA SRV TLSA DNSKEY NSEC TYPE1234'.split(' ')

/** One after the other, each asked again twice where nothing comes. */
async function ask(address: string, queries: readonly Uint8Array[]): Promise<readonly Message[]> {
  const replies: Message[] = []
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.connect(53, address, resolve))
  for (const query of queries) {
    let reply: Uint8Array | undefined
    for (let attempt = 0; attempt < 3 && reply === undefined; attempt++) {
      socket.send(query)
      reply = await new Promise((resolve) => {
        const timer = setTimeout(() => resolve(undefined), 1500)
        socket.once('message', (octets) => {
          clearTimeout(timer)
          resolve(octets)
        })
      })
    }
    assert.ok(reply !== undefined, `${address} says nothing`)
    replies.push(expectOk(decodeMessage(reply), 'decode'))
  }
  socket.close()
  return replies
}

const shown = (records: readonly ResourceRecord[]): string =>
  records
    .map((record) => formatRecord(record).toLowerCase())
    .sort()
    .join('\n  ')
const described = (reply: Message): string =>
  `${formatRcode(reply.rcode)} aa=${reply.authoritative} tc=${reply.truncated}\n  ${shown(reply.answers)}\n --\n  ${shown(reply.authorities)}`

inPeerLab(import.meta.filename, ['named', 'nsd', 'dnssec-keygen', 'dnssec-signzone'], () => {
  for (const [mode, options] of [
    ['NSEC', []],
    ['NSEC3', ['-3', '-', '-H', '0']],
    ['NSEC3 with opt-out', ['-3', '-', '-H', '0', '-A']],
    ['NSEC3 with salt', ['-3', 'abcd', '-H', '5']],
  ] as const) {
    test(`the same answers as BIND and NSD from a zone with ${mode}`, async (t) => {
      const directory = mkdtempSync(path.join(tmpdir(), 'answers-'))
      writeFileSync(path.join(directory, 'zone'), ZONE)
      await tool('dnssec-keygen', ['-q', '-K', directory, '-a', 'ECDSAP256SHA256', '-f', 'KSK', ORIGIN])
      await tool('dnssec-keygen', ['-q', '-K', directory, '-a', 'ECDSAP256SHA256', ORIGIN])
      const signed = path.join(directory, 'signed')
      await tool('dnssec-signzone', [
        '-q',
        '-S',
        '-K',
        directory,
        '-d',
        directory,
        '-o',
        ORIGIN,
        '-f',
        signed,
        ...options,
        path.join(directory, 'zone'),
      ])
      const text = readFileSync(signed, 'utf8')
      await startNamed(t, {
        address: LAB.named,
        options:
          'minimal-responses yes; recursion no; check-integrity no; check-names primary ignore; zero-no-soa-ttl no;',
        zones: `zone "${ORIGIN}" { type primary; file "${signed}"; };`,
      })
      await startPeer(t, {
        program: 'nsd',
        address: LAB.knot,
        files: {
          'nsd.conf': `server:\n  ip-address: ${LAB.knot}\n  username: ""\n  zonesdir: "%DIRECTORY%"\n  database: ""\n  pidfile: ""\n  xfrdfile: "%DIRECTORY%/xfrd"\n  xfrdir: "%DIRECTORY%"\n  zonelistfile: "%DIRECTORY%/list"\n  logfile: ""\n  rrl-ratelimit: 0\n  minimal-responses: yes\nremote-control:\n  control-enable: no\nzone:\n  name: "${ORIGIN}"\n  zonefile: "zone"\n`,
          zone: text,
        },
        arguments_: (there) => ['-d', '-c', path.join(there, 'nsd.conf')],
      })
      await serveOurs(t, { address: LAB.ours, zones: { [ORIGIN]: text } })
      const owners = [`${ORIGIN}.`, ...[...OWNERS.trim().split(/\s+/), LONG].map((owner) => `${owner}.${ORIGIN}.`)]
      const questions = owners.flatMap((owner) => TYPES.map((type) => [owner, type] as const))
      for (const dnssecOk of [true, false]) {
        const queries = questions.map(
          ([owner, type]) =>
            encodeMessage({
              ...EMPTY_MESSAGE,
              questions: [{ name: expectOk(parseName(owner, ROOT), owner), type: parseType(type) ?? 0, class: 1 }],
              edns: { udpOctets: 1232, version: 0, dnssecOk, options: [] },
            }).octets,
        )
        const [ours, named, nsd] = await Promise.all(
          [LAB.ours, LAB.named, LAB.knot].map((address) => ask(address, queries)),
        )
        const differ: string[] = []
        for (const [i, [owner, type]] of questions.entries()) {
          const [mine, bind, other] = [ours?.[i], named?.[i], nsd?.[i]]
          assert.ok(mine !== undefined && bind !== undefined && other !== undefined)
          const [a, b, c] = [described(mine), described(bind), described(other)]
          if (a !== b && a !== c) differ.push(`${owner} ${type}\nours ${a}\nBIND ${b}\nNSD ${c}`)
        }
        t.diagnostic(
          `${questions.length} questions ${dnssecOk ? 'with' : 'without'} DO: ${differ.length} answered as neither does`,
        )
        assert.deepEqual(
          differ.map((text_) => text_.split('\n')[0]),
          [],
          differ.slice(0, 3).join('\n'),
        )
      }
      assert.ok(questions.length > 900)
    })
  }
})
