// A server of this library on a loopback port, with a certificate of its own and a policy that writes down what it gets.

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import { concatOctets, decodeUtf8, encodeUtf8 } from '@scop/octets'
import {
  accept,
  auth,
  CHUNKING,
  DEFAULT_LIMITS,
  EIGHT_BIT_MIME,
  ENHANCED_STATUS_CODES,
  formatPath,
  type Limits,
  type Mechanisms,
  PIPELINING,
  refuse,
  reply,
  type ServerExtension,
  type ServerPolicy,
  SIZE,
  SMTP_UTF8,
  STARTTLS,
} from '../src/index.ts'
import { cert, key } from './certificate.ts'
import { serveConnection, type SessionEvent } from '../src/node/index.ts'

export type Received = {
  readonly sender: string
  readonly recipients: readonly string[]
  readonly octets: Uint8Array
  readonly identity: string | undefined
  readonly tls: string | undefined
}

/** Accepts everything but recipients whose local part is `nobody`, senders called `spammer`, messages that say `refuse me`. */
export function recordingPolicy(received: Received[]): ServerPolicy {
  return {
    greeting: async () => accept(),
    mail: async ({ sender }) =>
      formatPath(sender).startsWith('<spammer@') ? refuse(reply(550, '5.7.1', 'Not from you')) : accept(),
    recipient: async ({ path }) => {
      const text = formatPath(path)
      if (text.startsWith('<nobody@')) return refuse(reply(550, '5.1.1', 'No such user'))
      if (text.startsWith('<later@')) return refuse(reply(450, '4.2.1', 'Later'))
      if (text.startsWith('<broken@')) throw new Error('the directory is down')
      return text.startsWith('<bye@') ? refuse(reply(421, '4.3.2', 'Bye')) : accept()
    },
    message: async ({ sender, recipients }, octets, { identity, tls }) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of octets) chunks.push(chunk)
      const whole = concatOctets(chunks)
      if (Buffer.from(whole).includes('refuse me')) return refuse(reply(554, '5.7.1', 'Content refused'))
      received.push({
        sender: formatPath(sender),
        recipients: recipients.map(({ path }) => formatPath(path)),
        octets: whole,
        identity,
        tls: tls?.version,
      })
      return accept()
    },
  }
}

/** PLAIN and no more: alice with the password `secret`. Offered under TLS only. */
export const plainOnly: Mechanisms = {
  offered: ({ tls }) => (tls === undefined ? [] : ['PLAIN']),
  start: () => ({
    next: async (response) => {
      if (response === undefined) return { kind: 'challenge', octets: new Uint8Array(0) }
      const text = decodeUtf8(response)
      return text.ok && text.value === '\0alice\0secret'
        ? { kind: 'success', identity: 'alice' }
        : { kind: 'failure', reason: 'wrong' }
    },
  }),
}

/** The initial response of PLAIN. */
export const plainMessage = (user: string, password: string): Uint8Array => encodeUtf8(`\0${user}\0${password}`)

export function allExtensions(mechanisms: Mechanisms = plainOnly): readonly ServerExtension[] {
  return [PIPELINING, SIZE, STARTTLS, auth(mechanisms), ENHANCED_STATUS_CODES, EIGHT_BIT_MIME, SMTP_UTF8, CHUNKING]
}

export type Loopback = {
  readonly port: number
  readonly received: Received[]
  readonly events: SessionEvent[]
  readonly failures: unknown[]
  close(): Promise<void>
}

export type LoopbackOptions = {
  readonly limits?: Partial<Limits>
  readonly extensions?: readonly ServerExtension[]
  readonly implicitTls?: boolean
  readonly policy?: ServerPolicy
}

export async function startLoopback(options: LoopbackOptions = {}): Promise<Loopback> {
  const received: Received[] = []
  const events: SessionEvent[] = []
  const failures: unknown[] = []
  const sockets = new Set<Socket>()
  const stop = new AbortController()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    serveConnection(socket, {
      hostname: 'mx.example.org',
      extensions: options.extensions ?? allExtensions(),
      policy: options.policy ?? recordingPolicy(received),
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      secureContext: () => createSecureContext({ key, cert }),
      implicitTls: options.implicitTls ?? false,
      signal: stop.signal,
      now: () => performance.now(),
      onEvent: (event) => events.push(event),
    }).catch((error: unknown) => failures.push(error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // as: listens on TCP
  return {
    port,
    received,
    events,
    failures,
    async close() {
      stop.abort()
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      if (failures.length > 0) throw failures[0]
    },
  }
}
