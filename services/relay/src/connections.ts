// Connections to other servers, kept open for a while: most mail to one place comes in bursts.
// RFC 5321 §4.5.4.1 (several messages over one connection), RFC 7435 §3 (opportunistic TLS)

import type { SecureVersion } from 'node:tls'
import { type DomainName, type IpAddress, ipVersion } from '@scop/identifiers'
import { err, ok, type Result } from '@scop/result'
import type { ClientError } from '@scop/smtp'
import { type Client, connect } from '@scop/smtp/node'
import type { Receiver } from './receivers.ts'

export type ConnectionSettings = {
  readonly hostname: DomainName
  readonly port: number
  /** The first of the receiver's kind is sent from; without one the system chooses. */
  readonly sourceAddresses: readonly IpAddress[]
  /** PEM of authorities beside those of the system. */
  readonly authorities: string | undefined
  readonly perDestination: number
  readonly idleMs: number
  /** Messages over one connection. */
  readonly messages: number
  readonly signal: AbortSignal
}

export type Connections = {
  /** A connection to `receiver`, kept or new; waits for its turn. The caller gives it back. */
  take(receiver: Receiver, verifiedTls: boolean): Promise<Result<Connection, ClientError>>
  open(): number
  close(): Promise<void>
}

export type Connection = {
  readonly client: Client
  /** It has carried messages before: the other side may have closed it meanwhile. */
  readonly kept: boolean
  /** `reusable`: nothing is under way on it and nothing went wrong. */
  giveBack(reusable: boolean): void
}

type Kept = { readonly client: Client; sent: number; timer: NodeJS.Timeout }

export function openConnections(settings: ConnectionSettings): Connections {
  const idle = new Map<string, Kept[]>()
  const turns = new Map<string, Turns>()
  let count = 0
  let closed = false

  const leave = (client: Client): void => {
    count--
    void client.quit()
  }
  const giveBack = (key: string, client: Client, sent: number, reusable: boolean): void => {
    if (!reusable || closed || sent >= settings.messages) {
      count--
      if (reusable) void client.quit()
      else client.close()
    } else {
      const kept: Kept = { client, sent, timer: setTimeout(() => expire(key, kept), settings.idleMs) }
      kept.timer.unref()
      idle.set(key, [...(idle.get(key) ?? []), kept])
    }
    const queue = turns.get(key)
    queue?.release()
    if (queue?.unused === true) turns.delete(key)
  }
  const expire = (key: string, kept: Kept): void => {
    const left = (idle.get(key) ?? []).filter((one) => one !== kept)
    if (left.length > 0) idle.set(key, left)
    else idle.delete(key)
    leave(kept.client)
  }
  const takeKept = (key: string): Kept | undefined => {
    const kept = idle.get(key)?.pop()
    if (kept !== undefined) clearTimeout(kept.timer)
    if (idle.get(key)?.length === 0) idle.delete(key)
    return kept
  }
  return {
    take: async (receiver, verifiedTls) => {
      const key = `${receiver.address} ${receiver.host ?? ''} ${verifiedTls}`
      const queue = turns.get(key) ?? new Turns(settings.perDestination)
      turns.set(key, queue)
      await queue.acquire()
      const kept = takeKept(key)
      const client = kept === undefined ? await connectTo(receiver, verifiedTls, settings) : ok(kept.client)
      if (!client.ok) {
        queue.release()
        if (queue.unused) turns.delete(key)
        return client
      }
      if (kept === undefined) count++
      const sent = (kept?.sent ?? 0) + 1
      let given = false
      return ok({
        client: client.value,
        kept: kept !== undefined,
        giveBack: (reusable: boolean) => {
          if (given) throw new Error('Cannot give back a connection twice')
          given = true
          giveBack(key, client.value, sent, reusable)
        },
      })
    },
    open: () => count,
    close: async () => {
      closed = true
      const all = [...idle.values()].flat()
      idle.clear()
      await Promise.all(all.map(({ client, timer }) => (clearTimeout(timer), client.quit())))
    },
  }
}

async function connectTo(
  receiver: Receiver,
  verifiedTls: boolean,
  settings: ConnectionSettings,
): Promise<Result<Client, ClientError>> {
  const { hostname, port, authorities, signal } = settings
  const kind = ipVersion(receiver.address)
  const localAddress = settings.sourceAddresses.find((address) => ipVersion(address) === kind)
  const options = { host: receiver.address, port, hostname, signal, ...(localAddress && { localAddress }) }
  const servername = receiver.host === undefined ? {} : { servername: receiver.host }
  if (verifiedTls) {
    if (receiver.host === undefined) return err({ kind: 'tls-failed', message: 'an address has no certificate' })
    return connect({
      ...options,
      tls: 'required',
      tlsOptions: { ...servername, minVersion: MIN_TLS, ...(authorities !== undefined && { ca: [authorities] }) },
    })
  }
  const client = await connect({
    ...options,
    tls: 'opportunistic',
    tlsOptions: { ...servername, rejectUnauthorized: false },
  })
  // A server whose TLS is broken gets mail in clear, as one without TLS does: who wants more says so (tls: required).
  return client.ok || client.error.kind !== 'tls-failed' ? client : connect({ ...options, tls: 'none' })
}

/** So many at once; the others wait in order. */
class Turns {
  #free: number
  readonly #most: number
  readonly #waiting: (() => void)[] = []

  constructor(most: number) {
    this.#most = most
    this.#free = most
  }

  get unused(): boolean {
    return this.#free === this.#most && this.#waiting.length === 0
  }

  async acquire(): Promise<void> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  release(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free++
    else next()
  }
}

const MIN_TLS: SecureVersion = 'TLSv1.2'
