// The zone that the tests of this folder share.

import { expectOk } from '@scop/result'
import { type Name, parseName, parseZone, ROOT, type TsigKey, type Zone } from '../src/index.ts'

export const name = (text: string): Name => expectOk(parseName(text, ROOT), `read "${text}"`)

export const EXAMPLE_TEXT = `
$ORIGIN example.org.
$TTL 3600
@       SOA   ns1 hostmaster 100 7200 900 1209600 300
        NS    ns1
        NS    ns2
        MX    10 mail
        MX    20 mail.elsewhere.example.
        TXT   "v=spf1 mx -all" " continued"
        CAA   0 issue "ca.example"
ns1     A     127.0.0.1
ns2     AAAA  2001:db8::53
mail    60 IN A 192.0.2.25
        AAAA  2001:db8::25
www     CNAME web
web     A     192.0.2.80
out     CNAME host.elsewhere.example.
gone    CNAME nothing
loop1   CNAME loop2
loop2   CNAME loop1
*.wild  TXT   "from the wildcard"
*.wild  MX    10 mail
host.wild A   192.0.2.81
a.b.ent A     192.0.2.82
sub     NS    ns.sub
        NS    ns.other.example.
        DS    12345 13 2 (
              00112233445566778899aabbccddeeff
              00112233445566778899aabbccddeeff )
ns.sub  A     127.0.0.9
_25._tcp.mail TLSA 3 1 1 0011223344556677889900112233445566778899001122334455667788990011
_imaps._tcp SRV 0 1 993 mail
big     TXT   ${Array.from({ length: 12 }, (_, i) => `"${String(i).repeat(120).slice(0, 200)}"`).join(' ')}
nomail  MX    0 .
only4   A     192.0.2.4
selector._domainkey TXT "v=DKIM1; p=old"
`

export const exampleZone = (): Zone => expectOk(parseZone(EXAMPLE_TEXT, name('example.org')), 'read the example zone')

export const KEY: TsigKey = {
  name: name('signer.key'),
  algorithm: 'hmac-sha256',
  secret: new Uint8Array(32).fill(7),
}
