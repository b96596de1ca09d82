import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeFrame, FRAME_HEADER_OCTETS } from '../src/index.ts'
import { frameKind } from '../src/frame.ts'

test('a frame is its kind, its length and its payload', () => {
  assert.deepEqual([...encodeFrame('head', new Uint8Array([7, 8]))], [1, 0, 0, 0, 2, 7, 8])
  assert.deepEqual([...encodeFrame('octets', new Uint8Array(0))], [2, 0, 0, 0, 0])
  const long = encodeFrame('tail', new Uint8Array(0x010203))
  assert.deepEqual([...long.subarray(0, FRAME_HEADER_OCTETS)], [3, 0, 1, 2, 3])
})

test('no other kind is known', () => {
  for (const code of [0, 5, 6, 127, 255]) assert.equal(frameKind(code), undefined)
})
