// What an answer costs that is not kept: names never asked before, in a zone with a chain that only looks signed.

import { expectOk } from '@scop/result'
import { AnswerPackets, EMPTY_MESSAGE, encodeMessage, handleMessage, parseZone, zoneSet } from '../src/index.ts'
import { chainZone } from '../test/chain-zone.ts'
import { name } from '../test/example-zone.ts'

const hosts = Array.from({ length: 1000 }, (_, i) => `h${i} A 192.0.2.${i % 250}`).join('\n')
const text = `$TTL 3600\n@ SOA ns root 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n*.wild A 192.0.2.2\ns NS ns.s\nns.s A 192.0.2.9\n${hosts}\n`
const plain = expectOk(parseZone(text, name('bench.example')), 'read the zone')
const RUNS = 30_000

for (const mode of ['nsec', 'nsec3'] as const) {
  const state = { zones: zoneSet([chainZone(plain, mode)]), keys: [], grants: [], packets: new AnswerPackets() }
  for (const [what, under] of [
    ['NXDOMAIN', ''],
    ['wildcard', '.wild'],
    ['referral', '.s'],
  ] as const) {
    const queries = Array.from(
      { length: RUNS },
      (_, i) =>
        encodeMessage({
          ...EMPTY_MESSAGE,
          questions: [{ name: name(`q${i}${under}.bench.example`), type: 1, class: 1 }],
          edns: { udpOctets: 1232, version: 0, dnssecOk: true, options: [] },
        }).octets,
    )
    const peer = { address: '192.0.2.1', port: 4000 }
    const before = process.cpuUsage()
    for (const octets of queries) handleMessage(state, { octets, transport: 'udp', peer, now: 1 })
    const { user, system } = process.cpuUsage(before)
    console.log(`${mode} ${what}: ${((user + system) / RUNS).toFixed(2)} us`)
  }
}
