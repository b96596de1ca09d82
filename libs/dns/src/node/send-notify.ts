// Sends NOTIFY to secondaries when zones change, from a chosen address: they hear it from their primary alone.
// RFC 1996 §3.6, §3.10

import { createSocket, type Socket } from 'node:dgram'
import { randomInt } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { type NotifyEvent, Notifier, type NotifyLimits, NOTIFY_LIMITS, type NotifyTarget } from '../notify.ts'
import type { Zone } from '../zone.ts'

export type NotifyOptions = {
  /** Who wants to know of this zone. */
  readonly targets: (zone: Zone) => readonly NotifyTarget[]
  /** Addresses to send from, one of IPv4 and one of IPv6 at most. Default: what the kernel chooses. */
  readonly sources?: readonly string[]
  readonly limits?: Partial<NotifyLimits>
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number
  readonly onEvent?: (event: NotifyEvent) => void
  /** The world: a socket that cannot be had, a datagram that cannot be sent. It is tried again in any case. */
  readonly onTrouble?: (error: Error) => void
}

export type NotifySender = {
  changed(zone: Zone): void
  close(): void
}

export function createNotifySender(options: NotifyOptions): NotifySender {
  const now = options.now ?? Date.now
  const notifier = new Notifier(() => randomInt(0x10000), { ...NOTIFY_LIMITS, ...options.limits })
  const sockets = new Map<'udp4' | 'udp6', Socket>()
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const socketFor = (address: string): Socket => {
    const type = isIPv6(address) ? 'udp6' : 'udp4'
    const open = sockets.get(type)
    if (open !== undefined) return open
    const socket = createSocket(type)
    sockets.set(type, socket)
    socket.unref()
    socket.on('error', (error) => {
      options.onTrouble?.(error)
      sockets.delete(type)
      socket.close()
    })
    socket.on('message', (octets, { address: from }) => {
      const event = notifier.receive(from, octets, now())
      if (event === undefined) return
      options.onEvent?.(event)
      work()
    })
    const source = options.sources?.find((each) => isIPv6(each) === (type === 'udp6'))
    socket.bind(source === undefined ? { port: 0 } : { port: 0, address: source })
    return socket
  }
  const work = (): void => {
    if (closed) return
    const { datagrams, events, wakeAtMs } = notifier.due(now())
    for (const event of events) options.onEvent?.(event)
    for (const { target, octets } of datagrams) {
      socketFor(target.address).send(octets, target.port, target.address, (error) => {
        if (error !== null && !closed) options.onTrouble?.(error)
      })
    }
    clearTimeout(timer)
    if (wakeAtMs === undefined) return
    timer = setTimeout(work, Math.max(wakeAtMs - now(), 0))
    timer.unref()
  }
  return {
    changed: (zone) => {
      notifier.changed(zone, options.targets(zone), now())
      work()
    },
    close: () => {
      closed = true
      clearTimeout(timer)
      for (const socket of sockets.values()) socket.close()
    },
  }
}
