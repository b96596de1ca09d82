// Which DS records the parent has of a zone: asked at its servers by TCP, where nobody off the path can answer in their
// place, or at the bottle's resolver, which validates.
// RFC 4035 §3.1.4.1 (DS is the parent's), RFC 6781 §4.1.2 (when it may be relied on), RFC 7766

import { randomInt } from 'node:crypto'
import { DS, encodeQuestion, matchReply, type Name, readAnswer } from '@scop/dns'
import { type DnsEndpoint, exchangeTcp } from '@scop/dns/node'
import { err, ok, type Result } from '@scop/result'

/** The data of the DS records that each server gave; or why there is no answer. */
export type AskParent = (origin: Name) => Promise<Result<readonly (readonly Uint8Array[])[], string>>

/** Asks all `servers` of the parent, and one that does not answer leaves the question open; without them the resolver. */
export async function askParent(
  origin: Name,
  {
    servers,
    resolver,
    signal,
  }: {
    readonly servers: readonly DnsEndpoint[]
    readonly resolver: (origin: Name) => Promise<Result<readonly Uint8Array[], string>>
    readonly signal?: AbortSignal
  },
): ReturnType<AskParent> {
  const answers: (readonly Uint8Array[])[] = []
  for (const answer of await Promise.all(servers.map((server) => askOne(origin, server, signal)))) {
    if (!answer.ok) return answer
    answers.push(answer.value)
  }
  if (servers.length > 0) return ok(answers)
  const answer = await resolver(origin)
  return answer.ok ? ok([answer.value]) : answer
}

async function askOne(
  origin: Name,
  server: DnsEndpoint,
  signal: AbortSignal | undefined,
): Promise<Result<readonly Uint8Array[], string>> {
  const question = encodeQuestion(randomInt(0x10000), origin, DS.code)
  const reply = await exchangeTcp({
    server,
    octets: question.octets,
    timeoutMs: ASK_MS,
    maxMismatches: 1,
    signal,
    accept: (octets) => matchReply(question, octets),
  })
  if (!reply.ok) return err(`${server.address}: ${reply.error.reason}`)
  const reading = readAnswer(reply.value, origin, DS.code)
  if (reading.kind === 'failed') return err(`${server.address}: ${reading.reason}`)
  return ok(reading.kind === 'records' ? reading.records.map(({ rdata }) => rdata) : [])
}

const ASK_MS = 5000
