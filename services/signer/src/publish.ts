// Publishing a key: one TSIG-signed UPDATE that replaces the TXT records at the key's name.
// RFC 2136 §2.5, RFC 8945, RFC 6376 §3.6.2

import type { Endpoint, Secrets } from '@scop/bottle'
import { CLASS, encodeRdata, type Name, parseName, ROOT, TXT } from '@scop/dns'
import { sendUpdate, type SendUpdateError } from '@scop/dns/node'
import { encodeAscii } from '@scop/octets'
import { expectOk, type Result } from '@scop/result'
import type { DomainKey } from './key-store.ts'

/** Done when the primary has said, signed, that the record is in its zone. */
export type Publish = (key: DomainKey) => Promise<Result<void, SendUpdateError>>

export function publishAt(server: Endpoint, tsigKey: NonNullable<Secrets['tsigKey']>): Publish {
  const key = {
    name: nameOf(tsigKey.name),
    algorithm: tsigKey.algorithm,
    secret: Uint8Array.fromBase64(tsigKey.secret),
  }
  return ({ domain, name, record }) => {
    const owner = { name: nameOf(name), type: TXT.code }
    const updates = [
      { ...owner, class: CLASS.ANY, ttlSeconds: 0, rdata: new Uint8Array(0) }, // deletes the RRset
      {
        ...owner,
        class: CLASS.IN,
        ttlSeconds: TTL_SECONDS,
        rdata: encodeRdata(TXT, { strings: characterStrings(record) }),
      },
    ]
    return sendUpdate({ server, zone: nameOf(domain), updates, key })
  }
}

const nameOf = (text: string): Name => expectOk(parseName(text, ROOT), `read the name "${text}"`)

/** A TXT record's text in strings of at most 255 octets; readers join them. RFC 6376 §3.6.2.2 */
function characterStrings(text: string): readonly Uint8Array[] {
  const octets = encodeAscii(text)
  const strings: Uint8Array[] = []
  for (let at = 0; at < octets.length; at += MAX_STRING) strings.push(octets.subarray(at, at + MAX_STRING))
  return strings
}

const MAX_STRING = 255
const TTL_SECONDS = 3600
