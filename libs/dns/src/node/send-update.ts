// Sends a signed UPDATE by TCP and believes only a signed reply.      RFC 2136 §4, RFC 8945 §5.3, §5.4

import { randomInt } from 'node:crypto'
import { err, ok, type Result } from '@scop/result'
import { formatRcode, RCODE } from '../codes.ts'
import { decodeMessage, encodeMessage } from '../message.ts'
import type { Name } from '../name.ts'
import type { ResourceRecord } from '../record.ts'
import { signMessage, type TsigKey, verifyMessage } from '../tsig.ts'
import { updateMessage } from '../update-request.ts'
import { type DnsEndpoint, exchangeTcp } from './exchange.ts'

export type UpdateRequest = {
  readonly server: DnsEndpoint
  readonly zone: Name
  /** Default none. */
  readonly prerequisites?: readonly ResourceRecord[]
  readonly updates: readonly ResourceRecord[]
  readonly key: TsigKey
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number
  /** Default 10 s. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

export type SendUpdateError =
  /** The server says no: `rcode` is why. `signed` tells whether it proved to be the server. */
  | { readonly kind: 'refused'; readonly rcode: number; readonly reason: string; readonly signed: boolean }
  /** The server could not be reached, or its reply proves nothing: the update may or may not have happened. */
  | { readonly kind: 'temporary'; readonly reason: string }

/** Done when the server has said, signed, that the update is in its zone. Sending the same again does no harm. */
export async function sendUpdate(request: UpdateRequest): Promise<Result<void, SendUpdateError>> {
  const now = (): number => Math.floor((request.now ?? Date.now)() / 1000)
  const id = randomInt(0x10000)
  const message = updateMessage(id, request.zone, request.prerequisites ?? [], request.updates)
  const { octets, truncated } = encodeMessage(message, { maxOctets: 0xffff - ROOM_FOR_TSIG })
  if (truncated) throw new Error(`Cannot send an update of ${request.updates.length} records: larger than one message`)
  const signed = signMessage(octets, request.key, { now: now() })
  const reply = await exchangeTcp({
    server: request.server,
    octets: signed.octets,
    timeoutMs: request.timeoutMs ?? 10_000,
    maxMismatches: 1,
    signal: request.signal,
    accept: (received) => {
      const decoded = decodeMessage(received)
      const mine =
        decoded.ok && decoded.value.id === id && decoded.value.response && decoded.value.opcode === message.opcode
      return mine ? { octets: received, message: decoded.value } : undefined
    },
  })
  if (!reply.ok) return err({ kind: 'temporary', reason: reply.error.reason })
  const { rcode, tsig } = reply.value.message
  const verified = verifyMessage(reply.value.octets, [request.key], { now: now(), requestMac: signed.mac })
  // RFC 8945 §5.4.1: an unsigned refusal may be anybody's; a success must be proved.
  if (verified.ok && rcode === RCODE.NOERROR && verified.value.error === 0) return ok(undefined)
  if (rcode === RCODE.NOERROR) return err({ kind: 'temporary', reason: 'the reply is not signed by the server' })
  if (rcode === RCODE.SERVFAIL) return err({ kind: 'temporary', reason: formatRcode(rcode) })
  const detail = tsig === undefined || tsig.data.error === 0 ? '' : ` (TSIG error ${tsig.data.error})`
  return err({ kind: 'refused', rcode, reason: `${formatRcode(rcode)}${detail}`, signed: verified.ok })
}

const ROOM_FOR_TSIG = 1024
