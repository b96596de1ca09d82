// The server session's DATA path, without sockets: MB/s of messages of 100 KB in chunks of 64 KB, and commands beside them.
// Run: node libs/smtp/bench/data.bench.ts

import { encodeAscii } from '@scop/octets'
import { ContentReader, DEFAULT_LIMITS, DotStuffer } from '../src/index.ts'

const line = `${'x'.repeat(74)}\r\n`
const message = encodeAscii(line.repeat(1_347))
const CHUNK = 65_536
const ROUNDS = 2_000

function measure(name: string, run: () => void): void {
  for (let i = 0; i < 100; i++) run()
  const start = performance.now()
  for (let i = 0; i < ROUNDS; i++) run()
  const milliseconds = (performance.now() - start) / ROUNDS
  console.log(
    `${name}: ${milliseconds.toFixed(3)} ms per message, ${(message.length / 1000 / milliseconds).toFixed(0)} MB/s`,
  )
}

measure('read and unstuff', () => {
  const reader = new ContentReader(true, DEFAULT_LIMITS)
  for (let at = 0; at < message.length; at += CHUNK) reader.read(message.subarray(at, at + CHUNK))
})
const buffer = Buffer.from(message)
measure('read and unstuff, Buffer', () => {
  const reader = new ContentReader(true, DEFAULT_LIMITS)
  for (let at = 0; at < buffer.length; at += CHUNK) reader.read(buffer.subarray(at, at + CHUNK))
})
measure('check and stuff', () => {
  const stuffer = new DotStuffer(DEFAULT_LIMITS)
  for (let at = 0; at < message.length; at += CHUNK) stuffer.stuff(message.subarray(at, at + CHUNK))
})
