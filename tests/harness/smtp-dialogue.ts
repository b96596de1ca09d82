// A client that sends what it is told, octet for octet, and waits for each reply: for tests that must be able to be wrong.

import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

export type Dialogue = {
  readonly socket: Socket
  /** Sends octets as they are. */
  write(octets: string | Uint8Array): void
  /** The next whole reply, its lines joined by `\n`; `undefined` when the server has closed. */
  reply(): Promise<string | undefined>
  /** Sends a line and answers its reply. */
  command(line: string): Promise<string>
  /** Goes on over TLS, after STARTTLS was agreed. */
  startTls(): Promise<Dialogue>
  close(): void
}

export async function openDialogue(options: {
  readonly host: string
  readonly port: number
  readonly tls?: boolean
}): Promise<Dialogue> {
  const { host, port, tls = false } = options
  const socket = tls ? connectTls({ host, port, rejectUnauthorized: false }) : connectTcp({ host, port })
  await once(socket, tls ? 'secureConnect' : 'connect')
  return dialogueOn(socket)
}

/** A dialogue over a socket that is connected. */
export function dialogueOn(socket: Socket): Dialogue {
  const replies: string[] = []
  const waiting: ((reply: string | undefined) => void)[] = []
  let lines: string[] = []
  let held = ''
  let closed = false
  const say = (reply: string): void => {
    const waiter = waiting.shift()
    if (waiter) waiter(reply)
    else replies.push(reply)
  }
  const onData = (chunk: Buffer): void => {
    held += chunk.toString('latin1')
    for (let end = held.indexOf('\r\n'); end >= 0; end = held.indexOf('\r\n')) {
      const line = held.slice(0, end)
      held = held.slice(end + 2)
      lines.push(line)
      if (line[3] === '-') continue
      say(lines.join('\n'))
      lines = []
    }
  }
  const onClose = (): void => {
    closed = true
    for (const waiter of waiting.splice(0)) waiter(undefined)
  }
  socket.on('data', onData)
  socket.on('error', onClose)
  socket.on('close', onClose)
  const reply = (): Promise<string | undefined> =>
    new Promise((resolve) => {
      const there = replies.shift()
      if (there !== undefined || closed) resolve(there)
      else waiting.push(resolve)
    })
  return {
    socket,
    write: (octets) => void socket.write(octets),
    reply,
    command: async (line) => {
      socket.write(`${line}\r\n`)
      return (await reply()) ?? 'closed'
    },
    startTls: async () => {
      socket.removeAllListeners()
      const secure = connectTls({ socket, rejectUnauthorized: false })
      await once(secure, 'secureConnect')
      return dialogueOn(secure)
    },
    close: () => void socket.destroy(),
  }
}

/** Dot-stuffed, without the final dot. `content` must end with CRLF. RFC 5321 §4.5.2 */
export function stuffed(content: Uint8Array): Uint8Array {
  const text = Buffer.from(content).toString('latin1')
  return Buffer.from((text.startsWith('.') ? '.' : '') + text.replaceAll('\r\n.', '\r\n..'), 'latin1')
}

export const plainLogin = (username: string, password: string): string =>
  `AUTH PLAIN ${Buffer.from(`\0${username}\0${password}`).toString('base64')}`
