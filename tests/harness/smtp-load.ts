// A load generator that speaks just enough SMTP to be the same client to every server: EHLO, STARTTLS or implicit TLS,
// AUTH PLAIN, MAIL, RCPT, DATA. It shares no code with the servers that it measures.

import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

export type Target = {
  readonly host: string
  readonly port: number
  readonly tls: 'none' | 'implicit'
  readonly login?: { readonly username: string; readonly password: string }
}

export type Job = {
  readonly id: string
  readonly sender: string
  readonly recipient: string
  readonly octets: Uint8Array
}

export type Outcome = { readonly id: string; readonly reply: string }

/** Sends `jobs` over `connections` connections that stay open; calls `onOutcome` for each reply to the end of data. */
export async function sendAll(
  target: Target,
  jobs: Iterable<Job>,
  connections: number,
  onOutcome: (outcome: Outcome) => void,
): Promise<void> {
  const queue = jobs[Symbol.iterator]()
  await Promise.all(Array.from({ length: connections }, () => oneConnection(target, queue, onOutcome)))
}

async function oneConnection(
  target: Target,
  queue: Iterator<Job>,
  onOutcome: (outcome: Outcome) => void,
): Promise<void> {
  const session = await open(target)
  try {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      const { id, sender, recipient, octets } = next.value
      session.write(`MAIL FROM:<${sender}>\r\nRCPT TO:<${recipient}>\r\nDATA\r\n`)
      const replies = [await session.reply(), await session.reply(), await session.reply()]
      const refused = replies.find((reply) => !/^[23]/.test(reply))
      if (refused !== undefined) {
        onOutcome({ id, reply: refused })
        session.write('RSET\r\n')
        await session.reply()
        continue
      }
      session.write(octets)
      session.write('.\r\n')
      onOutcome({ id, reply: await session.reply() })
    }
    session.write('QUIT\r\n')
    await session.reply()
  } finally {
    session.close()
  }
}

type Session = { write(text: string | Uint8Array): void; reply(): Promise<string>; close(): void }

async function open(target: Target): Promise<Session> {
  const { host, port } = target
  const socket: Socket =
    target.tls === 'implicit' ? connectTls({ host, port, rejectUnauthorized: false }) : connectTcp({ host, port })
  await once(socket, target.tls === 'implicit' ? 'secureConnect' : 'connect')
  socket.setNoDelay(true)
  const session = sessionOn(socket)
  await session.reply()
  session.write('EHLO load.example\r\n')
  await session.reply()
  if (target.login !== undefined) {
    const { username, password } = target.login
    session.write(`AUTH PLAIN ${Buffer.from(`\0${username}\0${password}`).toString('base64')}\r\n`)
    const reply = await session.reply()
    if (!reply.startsWith('235')) throw new Error(`Cannot authenticate: ${reply}`)
  }
  return session
}

function sessionOn(socket: Socket): Session {
  const replies: string[] = []
  const waiting: { resolve(reply: string): void; reject(error: Error): void }[] = []
  let held = ''
  let ended: Error | undefined
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    held += text
    for (let end = held.indexOf('\r\n'); end >= 0; end = held.indexOf('\r\n')) {
      const line = held.slice(0, end)
      held = held.slice(end + 2)
      if (line[3] === '-') continue
      const waiter = waiting.shift()
      if (waiter) waiter.resolve(line)
      else replies.push(line)
    }
  })
  const end = (error: Error): void => {
    ended ??= error
    for (const waiter of waiting.splice(0)) waiter.reject(ended)
  }
  socket.on('error', end)
  socket.on('close', () => end(new Error('connection closed')))
  return {
    write: (text) => void socket.write(text),
    reply: () =>
      new Promise((resolve, reject) => {
        const reply = replies.shift()
        if (reply !== undefined) resolve(reply)
        else if (ended !== undefined) reject(ended)
        else waiting.push({ resolve, reject })
      }),
    close: () => socket.destroy(),
  }
}

/** A text message of exactly `octets` octets with `id` in its header: CRLF lines of at most 78, no dot at a line's start. */
export function makeMessage(id: string, sender: string, recipient: string, octets: number): Uint8Array {
  const header =
    `From: <${sender}>\r\nTo: <${recipient}>\r\nSubject: load ${id}\r\nX-Load-Id: ${id}\r\n` +
    `Date: Fri, 20 Nov 2026 12:00:00 +0000\r\nMessage-ID: <${id}@load.example>\r\n` +
    'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n'
  const message = Buffer.alloc(octets, LINE)
  message.write(header, 0, 'latin1')
  message.write('\r\n', octets - 2, 'latin1')
  // The header ends where it ends: begin the body at a fresh line, and let no line be cut in its CRLF.
  for (let at = header.length, n = 0; at < octets - 2; n++) {
    const line = LINE.slice(0, Math.min(LINE.length - 2, octets - 2 - at))
    at += message.write(line, at, 'latin1')
    if (at < octets - 3) at += message.write('\r\n', at, 'latin1')
  }
  return message
}

const LINE = 'The quick brown fox jumps over the lazy dog, and the dog does not mind at all.\r\n'
