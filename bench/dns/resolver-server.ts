// Our resolver as its benchmark runs it: `resolver-server.ts as-it-comes|asking ADDRESS UPSTREAM (ZONE KEY)…`. Asking: nothing
// that was verified is used for names that it was not told for (RFC 8198).

import { parseName, parseRecords, ROOT } from '@scop/dns'
import { serveDns } from '@scop/dns/node'
import { createAlgorithms } from '@scop/dnssec'
import { parseIpAddress } from '@scop/identifiers'
import { RESOLVER_CONFIG, RESOLVER_LIMITS } from '@scop/resolver'
import { openResolver } from '@scop/resolver/node'
import { expectOk } from '@scop/result'

const [how = '', address = '', upstream = '', ...given] = process.argv.slice(2)
const zones = given.flatMap((zone, i) => (i % 2 === 0 ? [{ zone, key: given[i + 1] ?? '' }] : []))
const lines = zones.map(({ zone, key }) => `${zone}. 3600 IN DNSKEY ${key}\n`).join('')
const anchors = expectOk(parseRecords(lines, ROOT), 'read the keys')
const server = { address: expectOk(parseIpAddress(upstream), 'read the address'), port: 53 }
const shell = openResolver({
  config: {
    ...RESOLVER_CONFIG,
    hints: [],
    stubs: zones.map(({ zone }) => ({
      zone: expectOk(parseName(zone, ROOT), 'read the zone'),
      addresses: [server],
      names: [],
      first: false,
      prime: false,
      cache: true,
      transport: 'udp',
    })),
    validation: { ...RESOLVER_CONFIG.validation, anchors, aggressive: how !== 'asking' },
    limits: { ...RESOLVER_LIMITS, exchangesPerZone: 5000 },
  },
  algorithms: createAlgorithms(),
})
await serveDns({ address, port: 53, handle: (incoming) => shell.handle(incoming) })
process.on('SIGTERM', () => process.exit(0))
