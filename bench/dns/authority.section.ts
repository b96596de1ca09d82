// Answers of an authority by UDP and TCP, with DNSSEC, beside BIND with one thread; and what reading a large zone takes.

import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseName, parseZone, ROOT } from '@scop/dns'
import { expectOk } from '@scop/result'
import { makeSignedZone, namedConfiguration, ORIGIN, questions, freshQuestions } from './authority-zone.ts'
import { cpuPerQuery } from './lab.ts'
import { ADDRESSES, type Comparison, type Section } from './section.ts'

export const section: Section = {
  name: 'authority',
  tools: ['named', 'dnsperf', 'dnssec-signzone', 'dnssec-keygen'],
  open: async (lab) => {
    const signed = await makeSignedZone(lab)
    const questions_ = path.join(lab.directory, 'questions')
    writeFileSync(questions_, questions(20_000))
    const configuration = path.join(lab.directory, 'named.conf')
    writeFileSync(configuration, namedConfiguration(lab.directory, ADDRESSES.named, signed))
    const named = await lab.serve('named', ['-n', '1', '-g', '-c', configuration], ADDRESSES.named)
    const store = path.join(lab.directory, 'zones.sqlite')
    const ours = await lab.serveOurs('authority-server.ts', [ADDRESSES.ours, signed, store], ADDRESSES.ours)
    // More for each load than it can ask: no server is asked for a name twice, in no round.
    let loads = 0
    const fresh = (): string => {
      const file = path.join(lab.directory, 'fresh')
      const count = MOST_PER_SECOND * lab.seconds
      writeFileSync(file, freshQuestions(count, count * loads++))
      return file
    }
    const compared = (name: string, tcp: boolean, goal: number, file: () => string): Comparison => {
      const load = { seconds: lab.seconds, tcp, dnssecOk: true }
      return {
        name,
        unit: 'us',
        peer: 'named',
        goal,
        ours: () => cpuPerQuery(lab, { ...load, ...ours, file: file(), address: ADDRESSES.ours }),
        theirs: () => cpuPerQuery(lab, { ...load, ...named, file: file(), address: ADDRESSES.named }),
      }
    }
    return [
      compared('UDP', false, 0.5, () => questions_),
      compared('UDP, names never asked before', false, 0.5, fresh),
      compared('TCP, pipelined', true, 1, () => questions_),
      loading(),
    ]
  },
}

/** A zone file of 100,000 records, as it is read when a zone is imported. */
function loading(): Comparison {
  const origin = expectOk(parseName(ORIGIN, ROOT), 'read the origin')
  const hosts = Array.from({ length: 100_000 }, (_, i) => `h${i} A 127.${i >>> 16}.${(i >>> 8) & 255}.${i & 255}`)
  const text = `$TTL 3600\n@ SOA ns root 1 2 3 4 5\n@ NS ns\nns A 127.0.0.1\n${hosts.join('\n')}\n`
  return {
    name: 'reading 100,000 records',
    unit: 's CPU',
    goal: 2,
    ours: async () => {
      const before = process.cpuUsage()
      expectOk(parseZone(text, origin), 'read the zone')
      const { user, system } = process.cpuUsage(before)
      return (user + system) / 1e6
    },
  }
}

const MOST_PER_SECOND = 200_000
