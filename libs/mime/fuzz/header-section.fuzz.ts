// Laws: the header section loses no octet, is the same at any cut, and reads again to the same fields.

import assert from 'node:assert/strict'
import { concatOctets, encodeLatin1, equalOctets } from '@scop/octets'
import { HeaderReader, parseHeaderSection, unfoldOctets } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'A: 1\r\nB: 2\r\n 3\r\n\r\nbody',
  'From x Fri 00:00\nA : 1\n\nbody',
  encodeLatin1(' x\r\nX\r\n\0: \r\r\n\t\r\n\r\n'),
]

export const structure = 'header'

export function fuzz(input: Uint8Array): void {
  const whole = parseHeaderSection(input)
  const cut = input.length === 0 ? 0 : (input[0] ?? 0) % input.length
  const reader = new HeaderReader()
  let answer = reader.feed(input.subarray(0, cut))
  const early = answer.ok && answer.value.kind === 'header'
  if (answer.ok && answer.value.kind === 'need-more') answer = reader.feed(input.subarray(cut))
  if (answer.ok && answer.value.kind === 'need-more') answer = reader.finish()
  assert.equal(answer.ok, whole.ok)
  if (!whole.ok || !answer.ok || answer.value.kind !== 'header') return
  const { header, bodyStart } = whole.value
  assert.deepEqual(answer.value.header, header)
  if (!early) assert.ok(equalOctets(answer.value.rest, input.subarray(bodyStart)))
  const pieces: { readonly offset: number; readonly octets: Uint8Array }[] = [...header.fields]
  for (const defect of header.defects) if (defect.kind === 'not-a-field') pieces.push(defect)
  pieces.sort((a, b) => a.offset - b.offset)
  const joined = concatOctets([...pieces.map((piece) => piece.octets), header.emptyLine])
  assert.ok(equalOctets(joined, input.subarray(0, bodyStart)))
  for (const field of header.fields) assert.ok(!unfoldOctets(field.value).includes(0x0a))
  const again = parseHeaderSection(header.octets)
  assert.ok(again.ok)
  assert.deepEqual(again.value.header, header)
}
