// The state of trust anchors, as text.

import { decodeUtf8 } from '@scop/octets'
import { formatAnchorFile, parseAnchorFile } from '../src/index.ts'

const KEY = 'example.com. 10800 IN DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4='

export const seeds: readonly (string | Uint8Array)[] = [
  `;;id: example.com. 1\n;;query_failed: 3\n;;retry_time: 3600\n${KEY} ;;state=2 [  VALID  ] ;;count=0 ;;lastchange=5\n`,
  `; autotrust\n;;REVOKED\n${KEY}\nexample.com. 60 IN DS 1 13 9 aabb\n`,
]

export const structure = 'lines'

export function fuzz(input: Uint8Array): void {
  const text = decodeUtf8(input)
  const anchor = text.ok ? parseAnchorFile(text.value) : undefined
  if (anchor?.ok !== true) return
  const written = formatAnchorFile(anchor.value)
  const again = parseAnchorFile(written)
  if (!again.ok) throw new Error(`cannot read again: ${again.error.kind} in ${written}`)
  if (formatAnchorFile(again.value) !== written) throw new Error('the file, written and read again, differs')
}
