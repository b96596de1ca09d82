// The zones that the tests of this folder sign: each kind of name once.

import { type Name, parseZone, type Zone } from '@scop/dns'
import { expectOk } from '@scop/result'
import { makeKey, singleKey, type SigningPolicy, type ZoneKeys, DEFAULT_SIGNING_POLICY } from '../src/index.ts'
import { name } from './vectors.ts'

export const ORIGIN: Name = name('example.org')
export const NOW = 1_795_000_000

export const EXAMPLE_TEXT = `
$TTL 3600
@        SOA  ns1 hostmaster 100 7200 900 1209600 300
         NS   ns1
         NS   ns2.elsewhere.example.
         MX   10 mail
         TXT  "v=spf1 mx -all"
ns1      A    127.0.0.1
mail     A    192.0.2.25
         AAAA 2001:db8::25
MixedCase CNAME Mail
*.wild   TXT  "from the wildcard"
host.wild A   192.0.2.81
a.b.c.deep A  192.0.2.82
secure   NS   ns.secure
         DS   60485 8 2 D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A
ns.secure A   127.0.0.2
insecure NS   ns.insecure
         NS   ns1
ns.insecure A 127.0.0.3
deep.ent.insecure2 NS ns1
tree     DNAME other.example.
\\000.odd TXT "nul"
zz       A    192.0.2.99
`

export function exampleZone(text: string = EXAMPLE_TEXT): Zone {
  return expectOk(parseZone(text, ORIGIN), 'read the zone')
}

export const DENIALS: readonly (readonly [string, SigningPolicy])[] = [
  ['NSEC', DEFAULT_SIGNING_POLICY],
  ['NSEC3', { ...DEFAULT_SIGNING_POLICY, denial: { kind: 'nsec3', optOut: false } }],
  ['NSEC3 with opt-out', { ...DEFAULT_SIGNING_POLICY, denial: { kind: 'nsec3', optOut: true } }],
]

/** One key for the keys, one for the zone. */
export function twoKeys(algorithm = 13): ZoneKeys {
  const ksk = makeKey(algorithm, { flags: 257, rsaBits: 1024 })
  const zsk = makeKey(algorithm, { flags: 256, rsaBits: 1024, avoidTags: new Set([ksk.keyTag]) })
  return { dnskeys: [ksk.dnskey, zsk.dnskey], keySigners: [ksk], zoneSigners: [zsk], cds: [], cdnskeys: [] }
}

export const oneKey = (algorithm = 13): ZoneKeys => singleKey(makeKey(algorithm, { flags: 257, rsaBits: 1024 }))
