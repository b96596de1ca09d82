// An SMTP server that answers what a test tells it to, and keeps what it was sent.

import { createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { createSecureContext, TLSSocket } from 'node:tls'

export type Script = {
  readonly greeting?: string
  /** Keywords of EHLO. */
  readonly keywords?: readonly string[]
  /** The reply to a command line, or to `.` for the end of a message; `undefined`: the usual one. `drop`: the connection ends. */
  readonly answer?: (line: string, connection: number) => string | undefined
  readonly tls?: { readonly key: string; readonly certificate: string } | 'broken'
}

export type FakeServer = {
  readonly address: string
  readonly port: number
  readonly messages: { readonly text: string; readonly tls: boolean; readonly recipients: readonly string[] }[]
  readonly commands: string[]
  /** How many there have been. */
  connections(): number
  /** Ends those that are open. */
  dropAll(): void
}

export async function fakeServer(t: TestContext, address: string, port: number, script: Script): Promise<FakeServer> {
  const messages: FakeServer['messages'] = []
  const commands: string[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server: Server = createServer((socket) => {
    const number = ++connections
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    socket.write(`${script.greeting ?? '220 fake.example'}\r\n`)
    serve(socket, false, number)
  })
  const serve = (socket: Socket, secure: boolean, number: number): void => {
    let held = ''
    let content: string | undefined
    let recipients: string[] = []
    const usual = (line: string): string => {
      if (line.startsWith('EHLO')) {
        const more = script.tls !== undefined && !secure ? ['STARTTLS'] : []
        return ['fake.example', ...(script.keywords ?? ['PIPELINING', '8BITMIME', 'SMTPUTF8']), ...more]
          .map((keyword, i, all) => `250${i === all.length - 1 ? ' ' : '-'}${keyword}`)
          .join('\r\n')
      }
      if (line === 'DATA') return '354 go on'
      if (line === 'QUIT') return '221 bye'
      if (line === 'STARTTLS') return '220 go on'
      return '250 ok'
    }
    const onData = (chunk: Buffer): void => {
      held += chunk.toString('latin1')
      for (;;) {
        if (content !== undefined) {
          const end = held.startsWith('.\r\n') ? 0 : held.indexOf('\r\n.\r\n') + 2
          if (end === 1) return
          content = held.slice(0, end)
          held = held.slice(end + 3)
          const said = script.answer?.('.', number) ?? '250 taken'
          if (said.startsWith('2') || said === 'drop') messages.push({ text: content, tls: secure, recipients })
          content = undefined
          if (said === 'drop') return void socket.destroy()
          socket.write(`${said}\r\n`)
          continue
        }
        const end = held.indexOf('\r\n')
        if (end < 0) return
        const line = held.slice(0, end)
        held = held.slice(end + 2)
        commands.push(line)
        const said = script.answer?.(line, number) ?? usual(line)
        if (said === 'drop') return void socket.destroy()
        if (line.startsWith('MAIL')) recipients = []
        if (line.startsWith('RCPT') && said.startsWith('2')) recipients.push(line.slice(9, -1))
        socket.write(`${said}\r\n`)
        if (line === 'DATA' && said.startsWith('354')) content = ''
        if (line === 'STARTTLS' && said.startsWith('220')) {
          socket.off('data', onData)
          if (script.tls === 'broken' || script.tls === undefined)
            return void socket.once('data', () => socket.end('this is no handshake\r\n'))
          const { key, certificate } = script.tls
          const secureContext = createSecureContext({ key, cert: certificate })
          const inner = new TLSSocket(socket, { isServer: true, secureContext })
          inner.on('error', () => undefined)
          return serve(inner, true, number)
        }
      }
    }
    socket.on('data', onData)
  }
  server.listen(port, address)
  await once(server, 'listening')
  const dropAll = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  t.after(async () => {
    dropAll()
    server.close()
    await once(server, 'close')
  })
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('Cannot read the port of a TCP server')
  return { address, port: bound.port, messages, commands, connections: () => connections, dropAll }
}
