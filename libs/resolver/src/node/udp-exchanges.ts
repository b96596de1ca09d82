// Questions by UDP: for each a new socket on a port that nobody can guess, connected, so that only the server is heard.
// Law: what an attacker off the path can send (an ICMP message, a false datagram) never ends the waiting.
// RFC 5452 §9.2 (ports), §9.1 (the address asked is the only one heard)

import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { isLoopback, parseIpAddress } from '@scop/identifiers'
import type { FailureReason } from '../event.ts'
import { type Exchanges, failureOf, type Reports, type SentQuestion } from './exchange.ts'

export type UdpLimits = {
  /** Sockets open at once; further questions wait. */
  readonly sockets: number
  /** Questions that wait for a socket; further ones fail. */
  readonly waiting: number
  /** Datagrams heard for one question: a flood costs no more than that. */
  readonly datagrams: number
}

export const UDP_LIMITS: UdpLimits = { sockets: 512, waiting: 5000, datagrams: 64 }

export type UdpOptions = {
  readonly limits?: Partial<UdpLimits>
  /** An integer from 0 up to, and without, `below`, that nobody can guess. */
  readonly random: (below: number) => number
}

type Open = {
  socket: Socket | undefined
  readonly timer: NodeJS.Timeout
  heard: number
  readonly question: SentQuestion
}

export function udpExchanges(reports: Reports, { limits: given, random }: UdpOptions): Exchanges {
  const limits = { ...UDP_LIMITS, ...given }
  const open = new Map<number, Open>()
  /** In the order of their coming: a Map keeps it. */
  const waiting = new Map<number, Open>()
  let sockets = 0

  const end = (id: number): void => {
    const one = open.get(id)
    if (one === undefined) return
    open.delete(id)
    waiting.delete(id)
    clearTimeout(one.timer)
    if (one.socket !== undefined) {
      close(one.socket)
      one.socket = undefined
      sockets--
    }
    for (const [next, waiter] of waiting) {
      if (sockets >= limits.sockets) break
      waiting.delete(next)
      start(waiter)
    }
  }
  const fail = (id: number, reason: FailureReason): void => {
    if (!open.has(id)) return
    end(id)
    reports.failed(id, reason)
  }
  const failLater = (id: number, reason: FailureReason): void => void setImmediate(() => fail(id, reason))
  const start = (one: Open): void => {
    const { exchange: id, server, octets } = one.question
    const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4')
    sockets++
    one.socket = socket
    socket.on('message', (message) => {
      if (!open.has(id) || ++one.heard > limits.datagrams) return
      reports.reply(id, message)
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // Anybody may send an ICMP message that quotes a guess; on this machine, nobody but the kernel.
      if (error.code !== 'ECONNREFUSED') fail(id, failureOf(error.code))
      else if (isHere(server.address)) fail(id, 'refused')
    })
    try {
      bindAnywhere(socket, random)
      socket.connectSync(server.port, server.address)
    } catch (error) {
      failLater(id, failureOf(codeOf(error)))
      return
    }
    socket.send(octets, (error) => {
      if (error !== null && codeOf(error) !== 'ECONNREFUSED') fail(id, failureOf(codeOf(error)))
    })
  }
  return {
    send: (question) => {
      const { exchange: id, timeoutMs } = question
      const timer = setTimeout(() => fail(id, 'timeout'), timeoutMs)
      const one: Open = { socket: undefined, timer, heard: 0, question }
      open.set(id, one)
      if (sockets < limits.sockets) start(one)
      else if (waiting.size < limits.waiting) waiting.set(id, one)
      else failLater(id, 'unreachable')
    },
    cancel: end,
    get size() {
      return open.size
    },
    close: () => {
      waiting.clear()
      for (const id of open.keys()) end(id)
    },
  }
}

/** The kernel's own choice is narrower, and on some systems it counts up. */
function bindAnywhere(socket: Socket, random: (below: number) => number): void {
  for (let attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
    try {
      socket.bindSync({ port: FIRST_PORT + random(PORTS) })
      return
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE' && codeOf(error) !== 'EACCES') throw error
    }
  }
  socket.bindSync({ port: 0 })
}

function close(socket: Socket): void {
  socket.removeAllListeners()
  socket.on('error', () => undefined) // a late ICMP message concerns nobody
  socket.close()
}

function isHere(address: string): boolean {
  const parsed = parseIpAddress(address)
  return parsed.ok && isLoopback(parsed.value)
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

const FIRST_PORT = 1024
const PORTS = 0x10000 - FIRST_PORT
const PORT_ATTEMPTS = 8
