// What one query costs without the socket, for the answers that a mail domain gives; and what reading a large zone costs.

import { expectOk } from '@scop/result'
import {
  EMPTY_MESSAGE,
  encodeMessage,
  handleMessage,
  parseName,
  parseType,
  parseZone,
  ROOT,
  type ServerState,
  signMessage,
  type TsigKey,
  updateMessage,
  makeRecord,
  TXT,
  zoneSet,
} from '../src/index.ts'

const name = (text: string) => expectOk(parseName(text, ROOT), 'read')
const HOSTS = 100_000
const text = `$TTL 3600\n@ SOA ns root 1 2 3 4 5\n@ NS ns\n@ MX 10 mail\n@ TXT "v=spf1 mx -all"\nmail A 192.0.2.1\nmail AAAA 2001:db8::1\nwww CNAME mail\n*.w TXT "x"\ns NS ns.s\nns.s A 192.0.2.9\n${Array.from({ length: HOSTS }, (_, i) => `h${i} A 192.0.2.${i % 250}`).join('\n')}\n`

const started = process.hrtime.bigint()
const zone = expectOk(parseZone(text, name('example.org')), 'read the zone')
console.log(`zone of ${zone.recordCount} records: ${(Number(process.hrtime.bigint() - started) / 1e6).toFixed(0)} ms`)

const KEY: TsigKey = { name: name('k'), algorithm: 'hmac-sha256', secret: new Uint8Array(32) }
const STATE: ServerState = {
  zones: zoneSet([zone]),
  keys: [KEY],
  grants: [{ key: KEY.name, names: { kind: 'any' }, types: 'any' }],
}
const query = (owner: string, type: string): Uint8Array =>
  encodeMessage({
    ...EMPTY_MESSAGE,
    questions: [{ name: name(owner), type: parseType(type) ?? 0, class: 1 }],
    edns: { udpOctets: 1232, version: 0, dnssecOk: false, options: [] },
  }).octets
const record = makeRecord(TXT, name('new.example.org'), 60, { strings: [new Uint8Array(200)] })
const update = encodeMessage(updateMessage(1, name('example.org'), [], [record])).octets

const PEER = { address: '192.0.2.1', port: 4000 }
const CASES: readonly (readonly [string, Uint8Array])[] = [
  ['A', query('h777.example.org', 'A')],
  ['MX with addresses', query('example.org', 'MX')],
  ['CNAME and A', query('www.example.org', 'A')],
  ['wildcard', query('a.b.w.example.org', 'TXT')],
  ['NXDOMAIN', query('absent.example.org', 'A')],
  ['referral', query('x.s.example.org', 'A')],
  ['signed UPDATE', signMessage(update, KEY, { now: 1000 }).octets],
]
for (const [what, octets] of CASES) {
  const runs = what === 'signed UPDATE' ? 5000 : 50_000
  const one = (): void => void handleMessage(STATE, { octets, transport: 'udp', peer: PEER, now: 1000 })
  for (let i = 0; i < runs / 5; i++) one()
  const from = process.cpuUsage()
  for (let i = 0; i < runs; i++) one()
  const used = process.cpuUsage(from)
  console.log(`${what}: ${((used.user + used.system) / runs).toFixed(2)} us`)
}
