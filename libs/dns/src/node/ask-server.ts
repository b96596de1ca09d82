// One question to one server, and what it says: by UDP, and by TCP where that is cut or somebody is guessing. Nothing is
// followed, kept or validated: that is a resolver's work.
// RFC 7766 §5 (TCP after TC), RFC 5452 §9

import { randomInt } from 'node:crypto'
import { err, type Result } from '@scop/result'
import type { Message } from '../message.ts'
import type { Name } from '../name.ts'
import { encodeQuestion, matchReply, type QuestionFlags } from '../question.ts'
import { type DnsEndpoint, type ExchangeError, exchangeTcp, exchangeUdp } from './exchange.ts'

export type AskServerOptions = QuestionFlags & {
  readonly server: DnsEndpoint
  readonly name: Name
  readonly type: number
  /** Of each of the two ways. Default 3 s. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

export async function askServer(options: AskServerOptions): Promise<Result<Message, ExchangeError>> {
  const { server, name, type, timeoutMs = 3000, signal, ...flags } = options
  const sent = encodeQuestion(randomInt(0x10000), name, type, flags)
  const common = {
    server,
    octets: sent.octets,
    accept: (octets: Uint8Array) => matchReply(sent, octets),
    maxMismatches: 3,
    timeoutMs,
    signal,
  }
  const byUdp = await exchangeUdp(common)
  if (byUdp.ok && !byUdp.value.truncated) return byUdp
  if (!byUdp.ok && byUdp.error.kind !== 'mismatches') return byUdp
  const byTcp = await exchangeTcp(common)
  return byTcp.ok ? byTcp : err({ ...byTcp.error, reason: `by TCP: ${byTcp.error.reason}` })
}
