// What a queued message says of itself: how often it has been passed on, what it needs of a transport.
// RFC 5321 §6.3 (loops), RFC 6152 (8-bit content)

import { fieldsNamed, HeaderReader, TransportFactsReader } from '@scop/mime'
import type { Verdict } from './attempt.ts'
import type { Queue, QueueEntry } from './queue.ts'

export function inCircles(received: number): Verdict {
  const reply = `5.4.6 this message goes in circles: ${received} Received fields`
  return { kind: 'never', reply, remote: undefined, status: '5.4.6' }
}

export async function* wholeMessage(queue: Queue, entry: QueueEntry): AsyncGenerator<Uint8Array> {
  if (entry.above.length > 0) yield entry.above
  yield* queue.octetsOf(entry)
}

/** What the message says of itself, whatever was claimed of it on the way in. */
export async function inspect(
  queue: Queue,
  entry: QueueEntry,
): Promise<{ readonly received: number; readonly eightBit: boolean }> {
  const header = new HeaderReader()
  const facts = new TransportFactsReader()
  let received: number | undefined
  for await (const chunk of wholeMessage(queue, entry)) {
    facts.feed(chunk)
    if (received !== undefined) continue
    const read = header.feed(chunk)
    if (!read.ok) received = 0
    else if (read.value.kind === 'header') received = fieldsNamed(read.value.header, 'Received').length
  }
  const ended = received === undefined ? header.finish() : undefined
  if (ended?.ok) received = fieldsNamed(ended.value.header, 'Received').length
  return { received: received ?? 0, eightBit: facts.facts.eightBit }
}
