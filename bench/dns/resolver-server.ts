// Our resolver as its benchmark runs it: `resolver-server.ts ADDRESS UPSTREAM KEY`. Denials are not used for names that they
// were not told for, as Unbound by default.

import { parseName, parseRecords, ROOT } from '@scop/dns'
import { serveDns } from '@scop/dns/node'
import { createAlgorithms } from '@scop/dnssec'
import { parseIpAddress } from '@scop/identifiers'
import { RESOLVER_CONFIG, RESOLVER_LIMITS } from '@scop/resolver'
import { openResolver } from '@scop/resolver/node'
import { expectOk } from '@scop/result'
import { ORIGIN } from './authority-zone.ts'

const [address = '', upstream = '', key = ''] = process.argv.slice(2)
const zone = expectOk(parseName(ORIGIN, ROOT), 'read the origin')
const anchors = expectOk(parseRecords(`${ORIGIN}. 3600 IN DNSKEY ${key}\n`, ROOT), 'read the key')
const server = { address: expectOk(parseIpAddress(upstream), 'read the address'), port: 53 }
const shell = openResolver({
  config: {
    ...RESOLVER_CONFIG,
    hints: [],
    stubs: [{ zone, addresses: [server], names: [], first: false, prime: false, cache: true, transport: 'udp' }],
    validation: { ...RESOLVER_CONFIG.validation, anchors, aggressive: false },
    limits: { ...RESOLVER_LIMITS, exchangesPerZone: 5000 },
  },
  algorithms: createAlgorithms(),
})
await serveDns({ address, port: 53, handle: (incoming) => shell.handle(incoming) })
process.on('SIGTERM', () => process.exit(0))
