// A TCP listener with a bound on its sessions, in all and for each address (of IPv6, each /64). Who is beyond the bound is told so and let go.

import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { addressBlock, type IpAddress, parseIpAddress, unmapIpAddress } from '@scop/identifiers'
import type { Endpoint } from '../settings.ts'

export type ListenerOptions = {
  readonly endpoint: Endpoint
  readonly sessions: number
  readonly sessionsPerAddress: number
  /** Runs one session to its end; must not reject. `signal` asks it to end soon. */
  readonly serve: (
    socket: Socket,
    client: { readonly address: IpAddress; readonly port: number },
    signal: AbortSignal,
  ) => Promise<void>
  /** Octets for those who are turned away; none where the protocol begins with a handshake. */
  readonly turnedAway: string
  readonly onTurnedAway: (address: string) => void
}

export type Listener = {
  readonly sessions: number
  /** Takes no more; asks the open sessions to end; waits for them, at most until `deadline` aborts. */
  drain(deadline: AbortSignal): Promise<void>
}

/** Rejects when the address cannot be had, in words for the person who configured it. */
export async function listenTcp(options: ListenerOptions): Promise<Listener> {
  const perAddress = new Map<string, number>()
  const open = new Map<Socket, Promise<void>>()
  const draining = new AbortController()
  const server = createServer({ noDelay: true }, (socket) => {
    const address = parseIpAddress(socket.remoteAddress ?? '')
    if (!address.ok) return void socket.destroy() // it has already gone
    const client = unmapIpAddress(address.value)
    const block = addressBlock(client)
    const already = perAddress.get(block) ?? 0
    if (open.size >= options.sessions || already >= options.sessionsPerAddress) {
      options.onTurnedAway(client)
      socket.on('error', () => undefined) // nobody is left to tell
      socket.end(options.turnedAway)
      socket.setTimeout(TURNED_AWAY_MS, () => socket.destroy())
      return undefined
    }
    perAddress.set(block, already + 1)
    const session = options
      .serve(socket, { address: client, port: socket.remotePort ?? 0 }, draining.signal)
      .finally(() => {
        open.delete(socket)
        const left = (perAddress.get(block) ?? 1) - 1
        if (left === 0) perAddress.delete(block)
        else perAddress.set(block, left)
      })
    open.set(socket, session)
    return undefined
  })
  const { address, port } = options.endpoint
  server.listen(port, address)
  try {
    await once(server, 'listening') // rejects with the server's error
  } catch (error) {
    throw new Error(`Cannot listen at ${address}:${port}: ${error instanceof Error ? error.message : 'unknown'}`, {
      cause: error,
    })
  }
  server.on('error', () => undefined) // accept failed (too many open files): the next one may succeed
  return {
    get sessions() {
      return open.size
    },
    drain: async (deadline) => {
      server.close()
      draining.abort()
      const ended = Promise.allSettled(open.values())
      const expired = deadline.aborted ? Promise.resolve() : once(deadline, 'abort')
      await Promise.race([ended, expired])
      for (const socket of open.keys()) socket.destroy()
    },
  }
}

const TURNED_AWAY_MS = 5000
