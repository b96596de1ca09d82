// Laws: every decoder answers whatever it is given; a cut changes nothing; what is written is read back.

import assert from 'node:assert/strict'
import { concatOctets, equalOctets } from '@scop/octets'
import {
  Base64Encoder,
  decodeTransfer,
  QuotedPrintableEncoder,
  type TransferEncoder,
  transferDecoder,
} from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'aGVsbG8=\r\nYQ==YQ!=',
  'a=3D=\r\n b =e9 \t\r\n=x=',
  'begin 644 x\n#0V%T\n`\nend\n',
  '=ybegin line=128 size=3 name=a\r\n=}ab\r\n=yend size=3 crc32=00000000\r\n',
]

export const structure = 'lines'

export function fuzz(input: Uint8Array): void {
  const cut = input.length === 0 ? 0 : (input[0] ?? 0) % input.length
  const limits = { defects: 3, lineOctets: 16, whiteSpaceOctets: 4 }
  for (const encoding of ['base64', 'quoted-printable', 'uuencode', 'yenc', '8bit', 'unknown']) {
    const whole = decodeTransfer(input, encoding, limits)
    const decoder = transferDecoder(encoding, limits)
    const pieces = [decoder.push(input.slice(0, cut)), decoder.push(input.slice(cut)), decoder.end()]
    assert.ok(equalOctets(concatOctets(pieces), whole.octets))
    assert.deepEqual(decoder.defects, whole.defects)
  }
  const encoders: readonly [string, TransferEncoder][] = [
    ['base64', new Base64Encoder()],
    ['quoted-printable', new QuotedPrintableEncoder({ binary: true })],
  ]
  for (const [encoding, encoder] of encoders) {
    const written = concatOctets([encoder.push(input.slice(0, cut)), encoder.push(input.slice(cut)), encoder.end()])
    const read = decodeTransfer(written, encoding)
    assert.ok(equalOctets(read.octets, input))
    assert.deepEqual(read.defects, [])
  }
}
