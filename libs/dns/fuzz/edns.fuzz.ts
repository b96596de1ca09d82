// The options of EDNS: cookies, keepalive, extended errors.

import assert from 'node:assert/strict'
import { parseIpAddress } from '@scop/identifiers'
import {
  checkCookie,
  decodeCookie,
  decodeKeepalive,
  encodeCookie,
  encodeExtendedError,
  encodeKeepalive,
  extendedErrors,
  makeServerCookie,
  OPTION,
  readCookie,
} from '../src/index.ts'

const SECRET = new Uint8Array(16).fill(3)
const NOW = 1_700_000_000
const address = parseIpAddress('192.0.2.1')
if (!address.ok) throw new Error('unreachable')
const CLIENT = new Uint8Array(8).fill(9)

export const seeds: readonly (string | Uint8Array)[] = [
  CLIENT,
  Uint8Array.of(...CLIENT, ...makeServerCookie(CLIENT, address.value, SECRET, NOW)),
  Uint8Array.of(0, 10),
  '\0\u0006bogus\0',
]

export function fuzz(input: Uint8Array): void {
  const cookie = decodeCookie(input)
  const edns = (code: number) => ({ udpOctets: 512, version: 0, dnssecOk: false, options: [{ code, octets: input }] })
  assert.deepEqual(readCookie(edns(OPTION.COOKIE)), cookie)
  if (cookie.ok) {
    assert.deepEqual([...encodeCookie(cookie.value).octets], [...input])
    if (!address.ok) return
    const judgement = checkCookie(cookie.value, address.value, { signing: SECRET, accepted: [] }, NOW)
    const { client, server } = cookie.value
    if (judgement === 'valid' || judgement === 'renew') {
      const time = new DataView(input.buffer, input.byteOffset).getUint32(12)
      assert.deepEqual(
        [...makeServerCookie(client, address.value, SECRET, time)].slice(8),
        [...(server ?? [])].slice(8),
      )
    }
  }
  const keepalive = decodeKeepalive(input)
  if (keepalive.ok) assert.deepEqual([...encodeKeepalive(keepalive.value).octets], [...input])
  for (const error of extendedErrors(edns(OPTION.EXTENDED_ERROR))) {
    const again = extendedErrors({ ...edns(0), options: [encodeExtendedError(error)] })
    assert.deepEqual(again, [error])
  }
}
