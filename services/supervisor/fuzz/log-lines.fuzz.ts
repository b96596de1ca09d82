// Laws: lines are the same at any cut, none is longer than its bound or holds a line end; a line in a service's name is
// JSON of that service and of no other.

import assert from 'node:assert/strict'
import { LineCutter, ownLine } from '../src/log-lines.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  '{"service":"relay","msg":"x"}\n{"service":"mailbox"}\nplain\n\n',
  `${'a'.repeat(70)}\nb\u202e\u0085`,
  '[1]\nnull\n{"service":["relay"]}',
]
export const structure = 'lines'

export function fuzz(input: Uint8Array): void {
  const whole = linesOf(input, input.length)
  for (const size of [1, 5]) assert.deepEqual(linesOf(input, size), whole)
  for (const line of whole) {
    assert.ok(Buffer.byteLength(line) <= 3 * LONGEST) // what is no UTF-8 becomes three octets
    assert.ok(!line.includes('\n'))
    const own = ownLine('relay', line, 'warn', 'now')
    assert.deepEqual((JSON.parse(own) as { service: unknown }).service, 'relay') // as: ownLine gives an object
    assert.ok(own === line || !/[\0-\x1f\x7f-\x9f\u202e]/.test(own))
  }
}

function linesOf(input: Uint8Array, size: number): readonly string[] {
  const cutter = new LineCutter(LONGEST)
  const lines: string[] = []
  for (let at = 0; at < input.length; at += size) lines.push(...cutter.push(Buffer.from(input.slice(at, at + size))))
  return [...lines, ...cutter.end()]
}

const LONGEST = 64
