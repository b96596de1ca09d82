// Laws of the file of key states: what is read, written and read again, is the same.

import assert from 'node:assert/strict'
import { decodeLatin1 } from '@scop/octets'
import { formatKeyStates, parseKeyStates } from '../src/index.ts'

const place = '{"state":"omnipresent","sinceSeconds":1,"seenSeconds":2}'
const dnskey = '{"flags":256,"protocol":3,"algorithm":15,"publicKey":"l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4="}'

export const seeds: readonly (string | Uint8Array)[] = [
  '{"version":1,"keys":[]}',
  `{"version":1,"keys":[{"id":"15+03612","role":"zsk","createdSeconds":1,"goal":"present","dnskey":${dnskey},"records":{"dnskey":${place},"zrrsig":{"state":"rumoured","sinceSeconds":1}}}]}`,
  `{"version":1,"keys":[{"id":"15+03612","role":"csk","createdSeconds":1,"activeSeconds":2,"retireSeconds":3,"goal":"absent","dnskey":${dnskey},"records":{"dnskey":${place},"zrrsig":${place},"krrsig":${place},"ds":${place}}}]}`,
]

export function fuzz(input: Uint8Array): void {
  const keys = parseKeyStates(decodeLatin1(input))
  if (keys.ok) assert.deepEqual(parseKeyStates(formatKeyStates(keys.value)), keys)
}
