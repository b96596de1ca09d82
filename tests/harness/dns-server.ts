// A primary in a process of its own, for tests that look at its memory: `dns-server.ts STORE [ANSWERS]`; says its port and
// serves until its standard input ends. A network gets so many answers a second; without: as many as it asks for.

import { parseName, parseZone, RateLimiter, RATE_LIMITS, ROOT } from '@scop/dns'
import { createPrimary, openZoneStore, serveDns } from '@scop/dns/node'
import { expectOk } from '@scop/result'

const ZONE = `$TTL 300
@ SOA ns hostmaster 1 7200 900 1209600 300
@ NS ns
@ MX 10 mail
ns A 127.0.0.1
mail A 127.0.0.25
www CNAME mail
*.w TXT "wildcard"
d DNAME target
s NS ns.s
ns.s A 127.0.0.9
`

const answers = process.argv[3]
const store = openZoneStore(process.argv[2] ?? '')
const primary = expectOk(
  createPrimary({
    store,
    keys: [{ name: expectOk(parseName('key', ROOT), 'read'), algorithm: 'hmac-sha256', secret: new Uint8Array(32) }],
    grants: [],
    answering: {
      cookies: () => ({ signing: new Uint8Array(16), accepted: [] }),
      nsid: new Uint8Array(4),
      keepaliveMs: 9000,
      ...(answers !== undefined && {
        rateLimiter: new RateLimiter(1, { perSecond: { ...RATE_LIMITS.perSecond, answer: Number(answers) } }),
      }),
    },
  }),
  'open the store',
)
const origin = expectOk(parseName('abuse.example', ROOT), 'read')
primary.addZone(expectOk(parseZone(ZONE, origin), 'read the zone'), { author: 'test', reason: 'test', atMs: 0 })
const server = await serveDns({ address: '127.0.0.1', port: 0, handle: (incoming) => primary.handle(incoming) })
console.log(server.port)
process.stdin.resume().on('end', () => process.exit(0))
