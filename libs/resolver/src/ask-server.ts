// One question to one server, until its answer is whole: by TCP when UDP cuts it, without EDNS when that is not understood,
// again with the server's cookie. Each message is charged.
// RFC 7766 §5 (TC), RFC 6891 §6.2.2 and §7 (no EDNS), RFC 7873 §5.3 (BADCOOKIE), RFC 5452 §9.2 (TCP when somebody guesses)

import { type Message, type Question, RCODE } from '@scop/dns'
import type { Delegation, Target } from './delegation.ts'
import type { Environment } from './environment.ts'
import type { Transport } from './event.ts'
import type { Job } from './scheduler.ts'
import { exchange, type Task } from './task.ts'

export type ServerSaid =
  | { readonly kind: 'replied'; readonly message: Message }
  | { readonly kind: 'failed'; readonly reason: string }
  /** Nothing more may be sent for this query. */
  | { readonly kind: 'spent' }

export function* askServer(
  env: Environment,
  job: Job,
  delegation: Delegation,
  target: Target,
  question: Question,
  recursive: boolean,
): Task<ServerSaid> {
  const { clock, servers, config } = env
  const { server } = target
  let transport: Transport = delegation.transport
  // Where nothing has come back twice, EDNS may be what is lost.
  const lost = target.attempts > EDNS_ATTEMPTS
  let edns = !servers.hasNoEdns(server, clock.nowMs) && !lost
  let cookieRetries = 0
  for (;;) {
    if (!job.budget.charge('packets', clock.nowMs)) return { kind: 'spent' }
    const result = yield* exchange({
      server,
      transport,
      question,
      zone: delegation.zone,
      recursionDesired: recursive,
      checkingDisabled: recursive && config.validation.enabled,
      edns,
      timeoutMs: Math.max(servers.timeoutMs(server, clock.nowMs), transport === 'udp' ? 50 : SHORTEST_STREAM_MS),
    })
    if (result.kind === 'failed') {
      if (result.reason === 'mismatches' && transport === 'udp') {
        transport = 'tcp'
        continue
      }
      if (result.reason !== 'overloaded') servers.timedOut(server, clock.nowMs)
      return { kind: 'failed', reason: result.reason }
    }
    const { message } = result
    if (transport === 'udp') servers.answered(server, result.rttMs, clock.nowMs)
    if (message.truncated && transport === 'udp') {
      transport = 'tcp'
      continue
    }
    if (message.rcode === BADCOOKIE && transport === 'udp') {
      if (++cookieRetries > 1) transport = 'tcp'
      continue
    }
    const stumbled = message.rcode === RCODE.FORMERR || message.rcode === RCODE.NOTIMP
    // With an OPT record too: there are servers that send back the one they could not read.
    if (edns && stumbled) {
      edns = false
      continue
    }
    if (!edns && !stumbled && !lost && message.rcode !== RCODE.SERVFAIL) servers.noteNoEdns(server, clock.nowMs)
    return { kind: 'replied', message }
  }
}

const EDNS_ATTEMPTS = 3
const SHORTEST_STREAM_MS = 3000
const BADCOOKIE = 23
