// An SMTP client by hand, for the self-test: says what it is told, also what no proper client would say.
// RFC 5321 §4.2 (replies)

import { connect as connectTcp, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import type { Endpoint } from '@scop/bottle'
import { Failure } from './failure.ts'

export type ProbeReply = { readonly code: number; readonly text: string }

export type Probe = {
  readonly greeting: ProbeReply
  /** Sends one line (or several, joined by CRLF) and reads one reply. */
  say(line: string): Promise<ProbeReply>
  close(): void
}

/** Connects, with TLS from the first octet if `tls` is given, and reads the greeting. */
export async function openProbe({ address, port }: Endpoint, tls?: ConnectionOptions): Promise<Probe> {
  const socket: Socket = tls === undefined ? connectTcp(port, address) : connectTls({ ...tls, host: address, port })
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)))
  const failed = new Promise<never>((_, reject) => socket.once('error', reject))
  failed.catch(() => undefined) // read below, where somebody waits
  const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]()
  const read = async (): Promise<ProbeReply> => {
    const texts: string[] = []
    for (;;) {
      const line = await Promise.race([lines.next(), failed])
      if (line.done) throw new Failure('closed', 'The server closed the connection')
      const match = /^(\d{3})([ -]|$)(.*)$/.exec(line.value)
      if (match === null) throw new Failure('bad-reply', `The server answered "${line.value}"`)
      texts.push(match[3] ?? '')
      if (match[2] !== '-') return { code: Number(match[1]), text: texts.join('\n') }
    }
  }
  const greeting = await read().catch((error: unknown) => {
    socket.destroy()
    throw error
  })
  return {
    greeting,
    say: (line) => {
      socket.write(`${line}\r\n`)
      return read()
    },
    close: () => socket.destroy(),
  }
}

const TIMEOUT_MS = 15_000
