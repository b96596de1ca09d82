// A validating resolver: answers from its cache beside BIND as a resolver, and validated answers to names that nobody has asked
// before beside Unbound. All ask the same authority, a BIND that is not measured; each name below the wildcard costs one
// question there and two P-256 signatures to verify, of the answer and of the NSEC that says that nothing is nearer.

import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { formatRcode, parseName, ROOT, TXT } from '@scop/dns'
import { askServer } from '@scop/dns/node'
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
    const upstream = write('upstream.conf', namedConfiguration(lab.directory, ADDRESSES.upstream, signed))
    await lab.serve('named', ['-n', '1', '-g', '-c', upstream], ADDRESSES.upstream)
    const bindFile = write('resolver.conf', bindConfiguration(lab.directory, key))
    const bind = await lab.serve('named', ['-n', '1', '-g', '-c', bindFile], ADDRESSES.bindResolver)
    const unboundFile = write('unbound.conf', unboundConfiguration(lab.directory, key))
    const unbound = await lab.serve('unbound', ['-d', '-p', '-c', unboundFile], ADDRESSES.unbound)
    const ours = await lab.serveOurs(
      'resolver-server.ts',
      [ADDRESSES.resolver, ADDRESSES.upstream, key],
      ADDRESSES.resolver,
    )
    for (const address of [ADDRESSES.bindResolver, ADDRESSES.unbound, ADDRESSES.resolver]) await secureOrFail(address)
    const known = write('known', knownNames())
    const hit = { file: known, seconds: lab.seconds, dnssecOk: true }
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
        name: 'validated miss',
        unit: 'us',
        peer: 'unbound',
        goal: 0.5,
        ours: () => miss(ours.pid, ADDRESSES.resolver),
        theirs: () => miss(unbound.pid, ADDRESSES.unbound),
      },
    ]
  },
}

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

function unboundConfiguration(directory: string, key: string): string {
  return `server:
  interface: ${ADDRESSES.unbound}
  outgoing-interface: ${ADDRESSES.unbound}
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
  trust-anchor: "${ORIGIN}. DNSKEY ${key}"
  outgoing-range: 4096
  num-queries-per-thread: 2048
stub-zone:
  name: "${ORIGIN}"
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
