// A queue in a directory of its own, and envelopes to put into it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import type { Envelope } from '@scop/bottle'
import { parseMailbox } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { openQueue, type Queue } from '../src/queue.ts'

export const mailbox = (text: string) => expectOk(parseMailbox(text, { utf8: true }), `parse ${text}`)

export function envelope(sender: string | undefined, first: string, ...others: string[]): Envelope {
  return {
    trace: '0123456789abcdef',
    sender: sender === undefined ? undefined : mailbox(sender),
    recipients: [mailbox(first), ...others.map(mailbox)],
    smtpUtf8: false,
    body: '8bitmime',
    arrival: { receivedAtMs: 0, protocol: 'LOCAL', client: undefined, tls: undefined, authenticated: undefined },
  }
}

export async function* octetsOf(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

export type Fixture = { readonly directory: string; readonly queue: Queue; readonly reopen: () => Promise<Queue> }

export async function queueIn(t: TestContext): Promise<Fixture> {
  const directory = mkdtempSync(path.join(tmpdir(), 'scop-queue-'))
  const open = () => openQueue(directory, { messageOctets: 1_000_000 })
  const opened = [await open()]
  t.after(async () => {
    await opened.at(-1)?.close()
    rmSync(directory, { recursive: true })
  })
  return {
    directory,
    queue: opened[0] as Queue, // as: just opened
    reopen: async () => {
      await opened.at(-1)?.close()
      const queue = await open()
      opened.push(queue)
      return queue
    },
  }
}

export async function enqueue(queue: Queue, to: Envelope, text = 'Subject: x\r\n\r\nbody\r\n', nowMs = 1000) {
  const message = { envelope: to, octets: octetsOf(text), above: async () => Buffer.from('Received: y\r\n'), nowMs }
  return expectOk(await queue.enqueue({ ...message, expiresAtMs: nowMs + 2_000_000 }), 'enqueue')
}

export async function textOf(queue: Queue, entry: Parameters<Queue['octetsOf']>[0]): Promise<string> {
  let text = ''
  for await (const chunk of queue.octetsOf(entry)) text += Buffer.from(chunk).toString('latin1')
  return text
}
