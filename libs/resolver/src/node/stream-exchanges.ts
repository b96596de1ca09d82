// Questions by TCP or TLS, over connections that are kept and shared.
// RFC 7766 §6.2.2 (one connection for each server, as long as it does), §6.2.4 (a server that closes is asked again at once)

import type { FailureReason, ServerAddress } from '../event.ts'
import type { Exchanges, Reports, SentQuestion } from './exchange.ts'
import { STREAM_LIMITS, StreamConnection, type StreamLimits } from './stream-connection.ts'

export type StreamExchangesOptions = {
  readonly transport: 'tcp' | 'tls'
  readonly limits?: Partial<StreamLimits>
  readonly authorities?: string | undefined
}

type Open = {
  readonly question: SentQuestion
  readonly timer: NodeJS.Timeout
  /** Absent where none had room. */
  connection: StreamConnection | undefined
  again: boolean
}

export function streamExchanges(reports: Reports, options: StreamExchangesOptions): Exchanges {
  const limits = { ...STREAM_LIMITS, ...options.limits }
  const open = new Map<number, Open>()
  /** In the order of their last use. */
  const connections = new Map<StreamConnection, string>()

  const drop = (id: number): Open | undefined => {
    const one = open.get(id)
    if (one === undefined) return undefined
    open.delete(id)
    clearTimeout(one.timer)
    return one
  }
  const fail = (id: number, reason: FailureReason): void => {
    const one = drop(id)
    if (one === undefined) return
    one.connection?.cancel(one.question)
    reports.failed(id, reason)
  }
  const connect = (server: ServerAddress, key: string): StreamConnection => {
    const connection: StreamConnection = new StreamConnection(
      server,
      { transport: options.transport, limits, authorities: options.authorities },
      {
        reply: (id, octets) => {
          if (open.has(id)) reports.reply(id, octets)
        },
        ended: (unanswered, reason, answeredBefore) => {
          connections.delete(connection)
          for (const question of unanswered) {
            const one = open.get(question.exchange)
            if (one === undefined) continue
            // A server may close what it takes for idle while our question is on its way.
            if (answeredBefore && !one.again && reason === 'closed') {
              one.again = true
              one.connection = undefined
              if (place(one)) continue
            }
            drop(question.exchange)
            reports.failed(question.exchange, reason)
          }
        },
      },
    )
    connections.set(connection, key)
    return connection
  }
  /** Puts it on a connection that takes it, an open one if there is any. False if there is no room. */
  const place = (one: Open): boolean => {
    const { server } = one.question
    const key = `${server.address} ${server.port} ${server.tlsName ?? ''}`
    let found: StreamConnection | undefined
    for (const [connection, to] of connections) {
      if (to === key && connection.takes(one.question)) found = connection
    }
    if (found === undefined && connections.size >= limits.connections) {
      const idle = [...connections.keys()].find(({ size }) => size === 0)
      idle?.close()
      if (idle === undefined) return false
    }
    found ??= connect(server, key)
    connections.delete(found)
    connections.set(found, key)
    one.connection = found
    found.send(one.question)
    return true
  }
  return {
    send: (question) => {
      const { exchange: id, timeoutMs } = question
      const timer = setTimeout(() => fail(id, 'timeout'), timeoutMs)
      const one: Open = { timer, connection: undefined, question, again: false }
      open.set(id, one)
      if (!place(one)) setImmediate(() => fail(id, 'unreachable'))
    },
    cancel: (id) => {
      const one = drop(id)
      one?.connection?.cancel(one.question)
    },
    get size() {
      return open.size
    },
    close: () => {
      for (const id of open.keys()) drop(id)
      for (const connection of connections.keys()) connection.close()
    },
  }
}
