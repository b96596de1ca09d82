// A validating resolver: answers from its cache beside BIND as a resolver, and validated answers to names that are not in the
// cache beside Unbound. All ask the same authority, a BIND that is not measured. A name below the wildcard has the signatures
// of the wildcard and of the NSEC that says that nothing is nearer. Both as they come make that answer from their caches and ask
// nobody (RFC 8198 §5.3), so that they stand in two rows: as they come, and told to ask the authority once. A host of the brief
// zone has a signature of its own, which nobody has seen, or has long forgotten.

import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DNSKEY, encodeRdata, formatRcode, formatRdata, formatZone, parseName, parseZone, ROOT, TXT } from '@scop/dns'
import { askServer } from '@scop/dns/node'
import { ALGORITHM, DEFAULT_SIGNING_POLICY, KEY_FLAG, makeKey, signZone } from '@scop/dnssec'
import { expectOk } from '@scop/result'
import { makeSignedZone, namedConfiguration, ORIGIN, questions } from './authority-zone.ts'
import { cpuPerQuery } from './lab.ts'
import { ADDRESSES, type Lab, type Section } from './section.ts'

export const section: Section = {
  name: 'resolver',
  tools: ['named', 'unbound', 'dnsperf', 'dnssec-signzone', 'dnssec-keygen'],
  open: async (lab) => {
    const signed = await makeSignedZone(lab)
    const key = entryKey(readFileSync(signed, 'utf8'))
    const write = (name: string, text: string): string => {
      const file = path.join(lab.directory, name)
      writeFileSync(file, text)
      return file
    }
    const brief = briefZone()
    const served = `zone "${BRIEF}" { type primary; file "${write('brief', brief.text)}"; };\n`
    const upstream = write('upstream.conf', namedConfiguration(lab.directory, ADDRESSES.upstream, signed) + served)
    await lab.serve('named', ['-n', '1', '-g', '-c', upstream], ADDRESSES.upstream)
    const bindFile = write('resolver.conf', bindConfiguration(lab.directory, key))
    const bind = await lab.serve('named', ['-n', '1', '-g', '-c', bindFile], ADDRESSES.bindResolver)
    const serveUnbound = async (address: string, asItComes: boolean): Promise<{ readonly pid: number }> => {
      const keys = { key, briefKey: brief.key }
      const file = write(`${address}.conf`, unboundConfiguration(lab.directory, keys, address, asItComes))
      return lab.serve('unbound', ['-d', '-p', '-c', file], address)
    }
    const unbound = await serveUnbound(ADDRESSES.unbound, true)
    const unboundAsking = await serveUnbound(ADDRESSES.unboundAsking, false)
    const zones = [ORIGIN, key, BRIEF, brief.key]
    const serveOurs = (address: string, how: string): Promise<{ readonly pid: number }> =>
      lab.serveOurs('resolver-server.ts', [how, address, ADDRESSES.upstream, ...zones], address)
    const ours = await serveOurs(ADDRESSES.resolver, 'as-it-comes')
    const oursAsking = await serveOurs(ADDRESSES.resolverAsking, 'asking')
    const { bindResolver, resolver, resolverAsking } = ADDRESSES
    for (const address of [bindResolver, ADDRESSES.unbound, ADDRESSES.unboundAsking, resolver, resolverAsking])
      await secureOrFail(address)
    const known = write('known', knownNames())
    const hit = { file: known, seconds: lab.seconds, dnssecOk: true }
    const names = Array.from({ length: HOSTS }, (_, i) => `h${i}.${BRIEF} A\n`).join('')
    const hosts = { file: write('hosts', names), seconds: lab.seconds, dnssecOk: true }
    const miss = async (pid: number, address: string): Promise<number> =>
      cpuPerQuery(lab, { pid, address, file: freshNames(lab), seconds: lab.seconds, dnssecOk: true })
    return [
      {
        name: 'cache hit',
        unit: 'us',
        peer: 'named',
        goal: 0.5,
        ours: () => cpuPerQuery(lab, { ...hit, ...ours, address: ADDRESSES.resolver }),
        theirs: () => cpuPerQuery(lab, { ...hit, ...bind, address: ADDRESSES.bindResolver }),
      },
      {
        name: 'validated miss, wildcard',
        unit: 'us',
        peer: 'unbound',
        goal: 0.5,
        ours: () => miss(ours.pid, ADDRESSES.resolver),
        theirs: () => miss(unbound.pid, ADDRESSES.unbound),
      },
      {
        name: 'wildcard, both ask',
        unit: 'us',
        peer: 'unbound',
        goal: 0.5,
        ours: () => miss(oursAsking.pid, ADDRESSES.resolverAsking),
        theirs: () => miss(unboundAsking.pid, ADDRESSES.unboundAsking),
      },
      {
        name: 'validated miss, own signature',
        unit: 'us',
        peer: 'unbound',
        goal: 0.5,
        ours: () => cpuPerQuery(lab, { ...hosts, ...ours, address: ADDRESSES.resolver }),
        theirs: () => cpuPerQuery(lab, { ...hosts, ...unbound, address: ADDRESSES.unbound }),
      },
    ]
  },
}

/** So many hosts that each is forgotten, a second after it was asked for, before it is asked for again. */
function briefZone(): { readonly text: string; readonly key: string } {
  const origin = expectOk(parseName(BRIEF, ROOT), 'read')
  const lines = Array.from({ length: HOSTS }, (_, i) => `h${i} A 127.${i >>> 16}.${(i >>> 8) & 255}.${i & 255}`)
  const text = `$TTL 1\n@ 3600 SOA ns root 1 7200 900 1209600 300\n@ 3600 NS ns\nns 3600 A 127.0.0.60\n${lines.join('\n')}\n`
  const key = makeKey(ALGORITHM.ECDSAP256SHA256, { flags: KEY_FLAG.ZONE | KEY_FLAG.SEP })
  const signed = signZone(expectOk(parseZone(text, origin), 'read the brief zone'), {
    keys: { dnskeys: [key.dnskey], keySigners: [key], zoneSigners: [key], cds: [], cdnskeys: [] },
    policy: DEFAULT_SIGNING_POLICY,
    nowSeconds: Math.floor(Date.now() / 1000),
    random: Math.random,
  })
  const { zone } = expectOk(signed, 'sign the brief zone')
  return { text: formatZone(zone), key: formatRdata(DNSKEY.code, encodeRdata(DNSKEY, key.dnskey)) }
}
const BRIEF = 'brief.example'
const HOSTS = 30_000

/** All of them must do the same work: validate. */
async function secureOrFail(address: string): Promise<void> {
  const name = expectOk(parseName(`first.wild.${ORIGIN}`, ROOT), 'read')
  const reply = await askServer({ server: { address, port: 53 }, name, type: TXT.code, dnssecOk: true })
  if (!reply.ok || !reply.value.authenticData || reply.value.answers.length !== 2) {
    throw new Error(`${address} does not validate: ${reply.ok ? formatRcode(reply.value.rcode) : reply.error.reason}`)
  }
}

/** Names that are asked again and again: all of a warm cache. */
function knownNames(): string {
  const always = questions(20_000)
    .split('\n')
    .filter((line) => line !== '' && !/^(?:x\d|w\d|www\.)/.test(line))
  const absent = Array.from({ length: 1500 }, (_, i) => `absent${i % 100}.${ORIGIN} A`)
  return `${[...always, ...absent].toSorted((a, b) => hash(a) - hash(b)).join('\n')}\n`
}

/** A file of names that no one before it had. */
function freshNames(lab: Lab): string {
  const file = path.join(lab.directory, 'fresh')
  const run = ++runs
  const lines = Array.from({ length: 20_000 * lab.seconds }, (_, i) => `r${run}n${i}.wild.${ORIGIN} TXT`)
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}
let runs = 0

/** The key with the SEP bit, as its record data in text. */
function entryKey(zone: string): string {
  const found = /\sDNSKEY\s+(257 3 \d+)\s+\(([^)]*)\)/.exec(zone)
  if (found === null) throw new Error('Cannot find the key of the signed zone')
  return `${found[1] ?? ''} ${(found[2] ?? '').replace(/;.*$/gm, '').replace(/\s+/g, '')}`
}

function bindConfiguration(directory: string, key: string): string {
  const [flags, protocol, algorithm, text] = key.split(' ')
  return `options { directory "${directory}"; listen-on port 53 { ${ADDRESSES.bindResolver}; }; listen-on-v6 { none; };
  recursion yes; allow-recursion { any; }; dnssec-validation yes; pid-file none; session-keyfile none; lock-file none;
  query-source address ${ADDRESSES.bindResolver}; empty-zones-enable no; };
controls { };
zone "${ORIGIN}" { type static-stub; server-addresses { ${ADDRESSES.upstream}; }; };
trust-anchors { "${ORIGIN}" static-key ${flags ?? ''} ${protocol ?? ''} ${algorithm ?? ''} "${text ?? ''}"; };
`
}

function unboundConfiguration(
  directory: string,
  { key, briefKey }: { readonly key: string; readonly briefKey: string },
  address: string,
  asItComes: boolean,
): string {
  return `server:
  interface: ${address}
  outgoing-interface: ${address}
  directory: "${directory}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  verbosity: 0
  num-threads: 1
  do-daemonize: no
  do-ip6: no
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  module-config: "validator iterator"
  aggressive-nsec: ${asItComes ? 'yes' : 'no'}
  qname-minimisation: ${asItComes ? 'yes' : 'no'}
  trust-anchor: "${ORIGIN}. DNSKEY ${key}"
  trust-anchor: "${BRIEF}. DNSKEY ${briefKey}"
  outgoing-range: 4096
  num-queries-per-thread: 2048
stub-zone:
  name: "${ORIGIN}"
  stub-addr: ${ADDRESSES.upstream}
stub-zone:
  name: "${BRIEF}"
  stub-addr: ${ADDRESSES.upstream}
remote-control:
  control-enable: no
`
}

/** Mixes lines in the same way each time. */
function hash(text: string): number {
  let state = 0
  for (let i = 0; i < text.length; i++) state = (Math.imul(state, 31) + text.charCodeAt(i)) >>> 0
  return Math.imul(state, 2_654_435_761) >>> 0
}
