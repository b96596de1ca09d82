// Messages to servers and which octets are their answers: random id, the question repeated, our cookie repeated. Whatever
// else arrives ends nothing, so that nobody can end a wait by guessing; but many wrong replies say that somebody guesses.
// RFC 5452 §4 (matching), RFC 7873 §5 (cookies), RFC 6891 §6.2.5 (size), draft-vixie-dnsext-dns0x20

import { equalOctets } from '@scop/octets'
import { expectOk } from '@scop/result'
import { createHmac } from 'node:crypto'
import {
  decodeMessage,
  decodeName,
  type EdnsOption,
  EMPTY_MESSAGE,
  encodeMessage,
  equalNames,
  type Message,
  type Name,
  RCODE,
} from '@scop/dns'
import type { Clock } from './clock.ts'
import type { ResolverConfig } from './config.ts'
import type { FailureReason, ResolverAction } from './event.ts'
import type { ServerTable } from './server-table.ts'
import type { Exchange, ExchangeResult } from './task.ts'

type Waiting = {
  readonly exchange: Exchange
  readonly id: number
  readonly asked: Name
  readonly cookie: Uint8Array | undefined
  readonly sentAtMs: number
  mismatches: number
}

export type Upstream = {
  readonly send: (exchange: Exchange, number: number) => void
  readonly reply: (number: number, octets: Uint8Array) => void
  readonly failed: (number: number, reason: FailureReason) => void
  readonly count: () => number
}

export type UpstreamHooks = {
  readonly config: ResolverConfig
  readonly clock: Clock
  readonly servers: ServerTable
  readonly random: (octets: number) => Uint8Array
  readonly act: (action: ResolverAction) => void
  readonly settle: (number: number, result: ExchangeResult) => void
}

export function createUpstream(hooks: UpstreamHooks): Upstream {
  const { config, clock, servers, random, act, settle } = hooks
  const waiting = new Map<number, Waiting>()
  const perZone = new Map<string, number>()
  const cookieSecret = random(32)
  const cookies = new Map<string, Uint8Array>()
  const { limits } = config

  function send(exchange: Exchange, number: number): void {
    const { server, transport, question, zone } = exchange
    const inZone = perZone.get(zone.key) ?? 0
    if (waiting.size >= limits.exchanges || inZone >= limits.exchangesPerZone)
      return settle(number, { kind: 'failed', reason: 'overloaded', rttMs: 0 })
    perZone.set(zone.key, inZone + 1)
    const seed = random(2)
    const id = ((seed[0] ?? 0) << 8) | (seed[1] ?? 0)
    const asked = config.mixedCase && transport === 'udp' ? mixCase(question.name, random(32)) : question.name
    const cookie = exchange.edns && config.cookies && transport === 'udp' ? clientCookie(server.address) : undefined
    const options: EdnsOption[] = []
    if (cookie !== undefined) {
      const known = servers.cookie(server, clock.nowMs)
      options.push({ code: COOKIE, octets: known === undefined ? cookie : Uint8Array.from([...cookie, ...known]) })
    }
    const { octets } = encodeMessage({
      ...EMPTY_MESSAGE,
      id,
      recursionDesired: exchange.recursionDesired,
      checkingDisabled: exchange.checkingDisabled,
      questions: [{ ...question, name: asked }],
      edns: exchange.edns ? { udpOctets: limits.udpOctets, version: 0, dnssecOk: true, options } : undefined,
    })
    waiting.set(number, { exchange, id, asked, cookie, sentAtMs: clock.nowMs, mismatches: 0 })
    act({ kind: 'send', exchange: number, server, transport, octets, timeoutMs: exchange.timeoutMs, question })
  }

  function reply(number: number, octets: Uint8Array): void {
    const wait = waiting.get(number)
    if (wait === undefined) return
    const message = match(wait, octets)
    if (message === undefined) {
      wait.mismatches++
      const stream = wait.exchange.transport !== 'udp'
      // On a stream there is no other sender: what does not match is the server's own fault.
      if (stream || wait.mismatches >= limits.mismatches) end(number, wait, 'mismatches')
      return
    }
    keepCookie(wait, message)
    close(number, wait)
    settle(number, { kind: 'replied', message, rttMs: clock.nowMs - wait.sentAtMs, octets: octets.length })
  }

  function failed(number: number, reason: FailureReason): void {
    const wait = waiting.get(number)
    if (wait !== undefined) end(number, wait, reason)
  }

  function end(number: number, wait: Waiting, reason: FailureReason | 'mismatches'): void {
    close(number, wait)
    settle(number, { kind: 'failed', reason, rttMs: clock.nowMs - wait.sentAtMs })
  }

  function close(number: number, { exchange }: Waiting): void {
    waiting.delete(number)
    const { key } = exchange.zone
    const left = (perZone.get(key) ?? 1) - 1
    if (left === 0) perZone.delete(key)
    else perZone.set(key, left)
    act({ kind: 'cancel', exchange: number })
  }

  function match(wait: Waiting, octets: Uint8Array): Message | undefined {
    if (octets.length < 12 || (((octets[0] ?? 0) << 8) | (octets[1] ?? 0)) !== wait.id) return undefined
    const decoded = decodeMessage(octets)
    if (!decoded.ok) return undefined
    const message = decoded.value
    if (!message.response || message.opcode !== 0 || message.questions.length > 1) return undefined
    if (!cookieMatches(wait, message)) return undefined
    const question = message.questions[0]
    const { question: sent } = wait.exchange
    // Servers that could not read the question need not repeat it.
    if (question === undefined)
      return message.rcode !== RCODE.NOERROR && message.rcode !== RCODE.NXDOMAIN ? message : undefined
    if (question.type !== sent.type || question.class !== sent.class) return undefined
    const same =
      wait.asked === sent.name
        ? equalNames(question.name, sent.name)
        : equalOctets(question.name.octets, wait.asked.octets)
    return same ? message : undefined
  }

  /** A cookie in the reply must be ours; that it is missing only says that the server has none. RFC 7873 §5.3 */
  function cookieMatches({ cookie }: Waiting, message: Message): boolean {
    const option = message.edns?.options.find(({ code }) => code === COOKIE)
    if (option === undefined || cookie === undefined) return true
    return option.octets.length >= 8 && equalOctets(option.octets.subarray(0, 8), cookie)
  }

  function keepCookie({ cookie, exchange }: Waiting, message: Message): void {
    const option = message.edns?.options.find(({ code }) => code === COOKIE)
    if (option === undefined || cookie === undefined) return
    const server = option.octets.slice(8)
    if (server.length >= 8 && server.length <= 32) servers.noteCookie(exchange.server, server, clock.nowMs)
  }

  /** Always the same for one server, and different for each. RFC 9018 §3 */
  function clientCookie(address: string): Uint8Array {
    const known = cookies.get(address)
    if (known !== undefined) return known
    const made = new Uint8Array(createHmac('sha256', cookieSecret).update(address).digest().subarray(0, 8))
    if (cookies.size >= limits.serversRemembered) cookies.clear()
    cookies.set(address, made)
    return made
  }

  return { send, reply, failed, count: () => waiting.size }
}

function mixCase(name: Name, bits: Uint8Array): Name {
  const octets = new Uint8Array(name.octets)
  for (let i = 0; i < octets.length; i++) {
    const lower = (octets[i] ?? 0) | 0x20
    if (lower < 0x61 || lower > 0x7a) continue
    octets[i] = ((bits[i >> 3] ?? 0) >> (i & 7)) & 1 ? lower & 0xdf : lower
  }
  return expectOk(decodeName(octets), 'change the case of a name')
}

const COOKIE = 10
