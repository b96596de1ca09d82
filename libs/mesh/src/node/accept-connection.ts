// One connection that was accepted: whose it is, and how it ends without losing a call. RFC 9113 §6.8

import type { ServerHttp2Session } from 'node:http2'
import { TLSSocket } from 'node:tls'
import { err, ok, type Result } from '@scop/result'
import type { PipeLimits } from '../limits.ts'
import { formatServiceId, readServiceId, type ServiceId } from '../service-id.ts'

export type PipeConnection = {
  /** Whom the certificate names, or why nobody of this bottle. */
  readonly id: Result<ServiceId, string>
  /** For the log. */
  readonly peer: string | undefined
  /** Takes no new calls and closes after the open ones; those that are already on their way are still taken. */
  finish(): Promise<void>
  /** As `finish`, but at once: calls on their way are turned away. */
  close(): void
  destroy(): void
}

/** The chain has been verified by TLS; the name in the certificate is read here. */
export function acceptConnection(session: ServerHttp2Session, bottle: string, limits: PipeLimits): PipeConnection {
  const certificate = session.socket instanceof TLSSocket ? session.socket.getPeerX509Certificate() : undefined
  const named = readServiceId(certificate?.subjectAltName)
  const closed = new Promise<void>((resolve) => session.once('close', resolve))
  let finishing: NodeJS.Timeout | undefined

  const close = (): void => {
    if (!session.closed && !session.destroyed) session.close()
  }
  const finish = (): Promise<void> => {
    if (finishing === undefined && !session.closed && !session.destroyed) {
      // A GOAWAY turns away calls that the peer is just writing. So the peer is asked to move first, which costs
      // none; one that has not moved when the notice is over gets its GOAWAY. RFC 7838 §4
      session.altsvc(MOVE, MOVE_ORIGIN)
      finishing = setTimeout(close, NOTICE_MS)
    }
    return closed
  }
  // A connection does not outlive the certificate that opened it.
  const leftMs = Math.min(Math.max((certificate?.validToDate.getTime() ?? 0) - Date.now(), 0), MAX_TIMER_MS)
  const expiry = setTimeout(() => void finish(), leftMs)
  expiry.unref()
  session.once('close', () => {
    clearTimeout(finishing)
    clearTimeout(expiry)
  })
  session.on('error', () => undefined) // its streams report their own end
  session.setLocalWindowSize(CONNECTION_WINDOWS * limits.windowOctets)

  return {
    id: whose(named, bottle),
    peer: named.ok ? formatServiceId(named.value) : undefined,
    finish,
    close,
    destroy: () => session.destroy(),
  }
}

function whose(named: ReturnType<typeof readServiceId>, bottle: string): Result<ServiceId, string> {
  if (!named.ok) return err(`the certificate names no service (${named.error.kind})`)
  if (named.value.bottle !== bottle) return err(`of another bottle: ${formatServiceId(named.value)}`)
  return ok(named.value)
}

const MOVE = 'h2=":0"'
const MOVE_ORIGIN = 'https://pipe'
const NOTICE_MS = 1000
const MAX_TIMER_MS = 2 ** 31 - 1
const CONNECTION_WINDOWS = 8 // streams that may be in full flow together before they share
