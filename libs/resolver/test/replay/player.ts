// Plays one scenario against the resolver core: no sockets, the clock and the servers are the scenario's.
// The order of events is testbound's: what is pending is answered by the ranges before the next step is taken.
// In Deckard's dialect a query step lasts until its client has an answer, and servers are asked as they are there.

import {
  decodeMessage,
  encodeMessage,
  EXTENDED_ERROR,
  formatName,
  type Message,
  NS,
  parseName,
  parseType,
  RCODE,
  ROOT,
  SOA,
} from '@scop/dns'
import { expectOk } from '@scop/result'
import { isAddressCovered, isLoopback, parseIpAddress } from '@scop/identifiers'
import {
  createResolver,
  formatClientReply,
  readClientMessage,
  replyWith,
  type Resolver,
  type ResolverAction,
  type ResolverEvent,
  type Transport,
} from '../../src/index.ts'
import { expand, type MacroState } from './macros.ts'
import { mismatch, rawMessage, replyOctets, servfailOctets } from './match.ts'
import type { Entry, Scenario, Step } from './scenario.ts'
import { type AccessRule, type ScenarioSetup, setUp } from './scenario-config.ts'
import { scenarioAlgorithms } from './scenario-algorithms.ts'

export type Played =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'foreign'; readonly feature: string }

type Pending = {
  readonly exchange: number
  readonly address: string
  readonly transport: Transport
  readonly query: Message
  /** When it times out, in a scenario in which that happens by itself. */
  readonly endsAtMs: number
}
type Told = { readonly message: Message; readonly transport: Transport }

/** A step that cannot be taken, or an answer that is wrong. */
class Failed extends Error {}

export function play(scenario: Scenario, trace?: (line: string) => void): Played {
  const setup = setUp(scenario)
  if (setup.kind === 'foreign') return setup
  try {
    new Player(scenario, setup, trace).run()
    return { kind: 'passed' }
  } catch (error) {
    if (error instanceof Failed) return { kind: 'failed', reason: error.message }
    throw error
  }
}

class Player {
  readonly #scenario: Scenario
  readonly #setup: Extract<ScenarioSetup, { kind: 'setup' }>
  readonly #resolver: Resolver
  readonly #trace: ((line: string) => void) | undefined
  /** Newest first. */
  #pending: Pending[] = []
  readonly #told: Told[] = []
  readonly #clients = new Map<number, { readonly query: Message; readonly transport: Transport }>()
  readonly #variables = new Map<string, string>()
  readonly #anchors = new Map<string, string>()
  readonly #used = new Set<Entry>()
  readonly #deckard: boolean
  #nowMs: number
  #wakeAtMs: number | undefined
  #resume = false
  #at = 0
  #nextClient = 0

  constructor(
    scenario: Scenario,
    setup: Extract<ScenarioSetup, { kind: 'setup' }>,
    trace: ((line: string) => void) | undefined,
  ) {
    this.#scenario = scenario
    this.#deckard = scenario.dialect === 'deckard'
    this.#setup = setup
    this.#trace = trace
    this.#nowMs = setup.startSeconds * 1000
    let seed = 1
    this.#resolver = createResolver(setup.config, {
      random: (octets) => {
        // Each id is another; choices among servers fall on the first.
        seed = (seed * 75 + 74) % 65_537
        return octets === 2 ? Uint8Array.from([0, 0]) : new Uint8Array(octets).fill(seed)
      },
      algorithms: scenarioAlgorithms(setup.fakeSha1, setup.fakeDsa),
      trace: trace !== undefined,
    })
    for (const { zone, text } of setup.config.validation.managedAnchors) this.#anchors.set(zone.key, text)
  }

  run(): void {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const step = this.#step
      if (step === undefined) return this.#finish()
      if (step.kind === 'CHECK_OUT_QUERY' && this.#checkOutQuery(step)) continue
      if (this.#told.length > 0 && step.kind === 'CHECK_ANSWER') {
        this.#checkAnswer(step)
        continue
      }
      if (this.#answerFromRanges(step)) continue
      this.#perform(step)
    }
    throw new Failed(`does not end: still at step ${this.#step?.number ?? 0} after ${MAX_ROUNDS} rounds`)
  }

  get #step(): Step | undefined {
    return this.#scenario.steps[this.#at]
  }

  /** Deckard's client waits where it asks: the step, and with it the ranges, stay until it is answered. */
  #waitForAnswer(step: Step, client: number): void {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      if (!this.#clients.has(client)) return
      if (!this.#answerFromRanges(step) && !this.#letTimeOut()) return
    }
    throw new Failed(`step ${step.number}: no answer after ${MAX_ROUNDS} rounds`)
  }

  /** Nothing else can happen: the query that has waited longest is given up, or the resolver woken. */
  #letTimeOut(): boolean {
    const [first] = [...this.#pending].sort((a, b) => a.endsAtMs - b.endsAtMs)
    const wakeAtMs = this.#wakeAtMs ?? Number.POSITIVE_INFINITY
    if (wakeAtMs > this.#nowMs && wakeAtMs < (first?.endsAtMs ?? 0)) {
      this.#nowMs = wakeAtMs
      this.#handle({ kind: 'tick' })
      return true
    }
    if (first === undefined) return false
    this.#nowMs = Math.max(this.#nowMs, first.endsAtMs)
    this.#handle({ kind: 'failed', exchange: first.exchange, reason: 'timeout' })
    return true
  }

  #finish(): void {
    const unused = this.#scenario.ranges
      .flatMap(({ entries }) => entries)
      .find((entry) => entry.mandatory && !this.#used.has(entry))
    if (unused !== undefined) throw new Failed(`at the end the mandatory entry at line ${unused.line} was not used`)
    if (this.#deckard) return
    if (this.#pending.length > 0)
      throw new Failed(`at the end nobody has answered: ${this.#pending.map(pendingText).join(', ')}`)
    if (this.#told.length > 0) throw new Failed('at the end an answer to a client was not checked')
  }

  #checkOutQuery(step: Step): boolean {
    if (this.#deckard) {
      this.#at++
      return true
    }
    const found = this.#pending.find((pending) => this.#isMeant(step, pending))
    if (found === undefined) return false
    this.#at++
    if (step.entry?.adjust.has('copy_id') === true) this.#answer(found, step.entry)
    return true
  }

  #isMeant({ address, entry }: Step, pending: Pending): boolean {
    if (address !== undefined && address !== '' && canonical(address) !== pending.address) return false
    return entry === undefined || mismatch(entry, pending.query, pending.transport) === undefined
  }

  #checkAnswer(step: Step): void {
    const { entry } = step
    if (entry === undefined) throw new Failed(`step ${step.number} has no entry`)
    const problems: string[] = []
    const raw = rawMessage(entry)
    const meant = raw === undefined ? entry : { ...entry, message: raw }
    const { authoritative, recursionDesired, recursionAvailable } = meant.message
    for (const [i, told] of this.#told.entries()) {
      const message = this.#setup.validatorAlone
        ? { ...told.message, authoritative, recursionDesired, recursionAvailable }
        : told.message
      const problem = mismatch(meant, message, told.transport)
      if (problem === undefined) {
        if (!this.#deckard) this.#told.splice(i, 1)
        this.#at++
        return
      }
      problems.push(problem)
    }
    throw new Failed(`step ${step.number}: ${problems.join(' / ')}`)
  }

  #answerFromRanges(step: Step): boolean {
    for (const pending of this.#pending) {
      const entry = this.#deckard ? this.#findAsDeckard(step.number, pending) : this.#findEntry(step.number, pending)
      if (entry === undefined) continue
      if (entry === 'servfail') {
        this.#trace?.(`  < ${pending.address} has no entry for it`)
        this.#handle({ kind: 'reply', exchange: pending.exchange, octets: servfailOctets(pending.query) })
        return true
      }
      this.#used.add(entry)
      if (entry.adjust.has('do_not_answer')) {
        if (this.#deckard) continue
        this.#handle({ kind: 'failed', exchange: pending.exchange, reason: 'timeout' })
        return true
      }
      this.#answer(pending, entry)
      return true
    }
    return false
  }

  #findEntry(step: number, pending: Pending): Entry | undefined {
    for (const range of [...this.#scenario.ranges].reverse()) {
      if (step < range.from || step > range.to) continue
      if (range.addresses.length > 0 && !range.addresses.some((address) => canonical(address) === pending.address))
        continue
      for (const entry of range.entries) {
        if (mismatch(entry, pending.query, pending.transport) === undefined) return entry
      }
    }
    return undefined
  }

  /**
   * The first range of the step and the address alone answers, then REPLY steps to come, each once; a server that has no
   * entry says SERVFAIL, and an address that no range ever has is no server's.
   */
  #findAsDeckard(step: number, { address, query, transport }: Pending): Entry | 'servfail' | undefined {
    const { ranges, steps } = this.#scenario
    const isOf = (addresses: readonly string[]): boolean => addresses.some((each) => canonical(each) === address)
    if (this.#setup.validatorAlone) {
      const entries = ranges.filter(({ from, to }) => step >= from && step <= to).flatMap((range) => range.entries)
      return (
        entries.find((entry) => !isReferral(entry.message) && mismatch(entry, query, transport) === undefined) ??
        'servfail'
      )
    }
    const isMeant = (entry: Entry | undefined): entry is Entry =>
      entry !== undefined && mismatch(entry, query, transport) === undefined
    const range = ranges.find(
      ({ from, to, addresses }) => step >= from && step <= to && (addresses.length === 0 || isOf(addresses)),
    )
    if (range !== undefined) return range.entries.find(isMeant) ?? 'servfail'
    const scripted = steps
      .filter(({ kind, number, entry }) => kind === 'REPLY' && number >= step && entry !== undefined)
      .map(({ entry }) => entry)
      .filter(isMeant)
      .find((entry) => !this.#used.has(entry))
    return scripted ?? (ranges.some(({ addresses }) => isOf(addresses)) ? 'servfail' : undefined)
  }

  #answer(pending: Pending, entry: Entry): void {
    let octets = replyOctets(entry, pending.query)
    this.#trace?.(`  < ${pending.address} entry at line ${entry.line}`)
    // Deckard's servers never truncate.
    if (pending.transport === 'udp' && entry.raw === undefined && !this.#deckard) octets = cut(octets, UDP_OCTETS)
    this.#handle({ kind: 'reply', exchange: pending.exchange, octets })
    // What is no reply ends no wait, but so often as it comes here, until the resolver has had enough of it.
    for (let i = 0; i < MOST_REPEATED && this.#pending.includes(pending); i++)
      this.#handle({ kind: 'reply', exchange: pending.exchange, octets })
    if (this.#pending.includes(pending)) this.#handle({ kind: 'failed', exchange: pending.exchange, reason: 'timeout' })
  }

  #perform(step: Step): void {
    this.#trace?.(`STEP ${step.number} ${step.kind} ${step.words.join(' ')}`)
    const newest = this.#pending[0]
    if (step.kind === 'CHECK_ANSWER' || step.kind === 'CHECK_OUT_QUERY') {
      const waits =
        this.#pending.length === 0
          ? 'nobody was asked anything'
          : `waiting for ${this.#pending.map(pendingText).join(', ')}`
      throw new Failed(`step ${step.number} ${step.kind}: nothing came; ${waits}`)
    }
    this.#at++
    switch (step.kind) {
      case 'QUERY':
        return this.#query(step)
      case 'REPLY':
        if (this.#deckard) return // An answer for whoever asks, see above.
        if (newest === undefined || step.entry === undefined)
          throw new Failed(`step ${step.number}: no query to reply to`)
        return this.#answer(newest, step.entry)
      case 'TIMEOUT':
      case 'ERROR':
        if (newest === undefined) throw new Failed(`step ${step.number}: no query is pending`)
        return this.#handle({
          kind: 'failed',
          exchange: newest.exchange,
          reason: step.kind === 'ERROR' ? 'closed' : 'timeout',
        })
      case 'TIME_PASSES':
        return this.#timePasses(step)
      case 'ASSIGN': {
        const [name = '', , ...value] = step.words
        this.#variables.set(name, this.#expand(value.join(' ')))
        return
      }
      case 'CHECK_AUTOTRUST':
        return this.#checkAnchors(step)
      case 'CHECK_TEMPFILE':
        throw new Failed(`step ${step.number}: no file is ever written`)
      case 'INFRA_RTT': {
        const [address = '', , milliseconds] = step.words
        const server = { address: expectOk(parseIpAddress(address), 'read the address of INFRA_RTT'), port: 53 }
        this.#resolver.caches.servers.setTimeoutMs(server, Number(milliseconds), this.#nowMs)
        return
      }
      case 'FLUSH_MESSAGE':
      case 'EXPIRE_MESSAGE': {
        const [name = '', , type = ''] = step.words
        const question = { name: expectOk(parseName(name, ROOT), 'read a name'), type: parseType(type) ?? 0, class: 1 }
        const { messages } = this.#resolver.caches
        if (step.kind === 'FLUSH_MESSAGE') messages.remove(question)
        else messages.expire(question, this.#nowMs)
        return
      }
      case 'TRAFFIC':
      case 'NOTHING':
        return
    }
  }

  #query(step: Step): void {
    const { entry } = step
    if (entry === undefined) throw new Failed(`step ${step.number} has no entry`)
    if (this.#deckard) this.#told.length = 0 // It remembers the newest answer alone.
    const transport: Transport = entry.match.has('TCP') ? 'tcp' : 'udp'
    const request = readClientMessage(entry.raw ?? encodeMessage(entry.message).octets)
    if (request.kind === 'silence') return
    if (request.kind === 'reply') {
      this.#told.push({ message: expectOk(decodeMessage(request.octets), 'read our reply'), transport })
      return
    }
    const client = canonical(step.address ?? '127.0.0.1')
    const verdict = accessOf(client, this.#setup.access)
    if (verdict === 'deny') return
    if (verdict === 'refuse') {
      const ede = this.#setup.config.extendedErrors ? [{ code: EXTENDED_ERROR.PROHIBITED, text: '' }] : []
      const octets = replyWith(request.message, RCODE.REFUSED, transport, ede)
      const message = expectOk(decodeMessage(octets), 'read our reply')
      this.#told.push({ message: { ...message, recursionAvailable: false }, transport })
      return
    }
    const id = ++this.#nextClient
    this.#clients.set(id, { query: request.message, transport })
    this.#handle({ kind: 'query', id, ...request.query, client, mayReadCache: verdict === 'allow_snoop' })
    if (this.#deckard && entry.raw === undefined) this.#waitForAnswer(step, id)
  }

  #timePasses({ number, words: [how, ...rest] }: Step): void {
    const seconds = Number(how === 'EVAL' ? this.#expand(rest.join(' ')) : rest[0])
    if (Number.isNaN(seconds)) throw new Failed(`step ${number}: no time: ${rest.join(' ')}`)
    const untilMs = this.#nowMs + Math.round(seconds * 1000)
    if (this.#deckard) {
      for (const { exchange, endsAtMs } of this.#pending.filter((pending) => pending.endsAtMs <= untilMs).reverse()) {
        this.#nowMs = Math.max(this.#nowMs, endsAtMs)
        this.#handle({ kind: 'failed', exchange, reason: 'timeout' })
      }
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs)
    this.#handle({ kind: 'tick' })
  }

  #checkAnchors({ number, words: [id = ''], lines }: Step): void {
    const zone = parseName(id, ROOT)
    const text = zone.ok ? this.#anchors.get(zone.value.key) : undefined
    if (text === undefined) throw new Failed(`step ${number}: no trust anchors of "${id}" were kept`)
    const got = text.replace(/\n$/, '').split('\n')
    for (const [i, line] of lines.entries()) {
      const wanted = this.#expand(line).trimEnd()
      const have = (got[i] ?? '').trimEnd()
      if (wanted !== have)
        throw new Failed(`step ${number}: line ${i + 1} of the anchors is "${have}" instead of "${wanted}"`)
    }
    if (got.length > lines.length)
      throw new Failed(`step ${number}: the anchors have more lines: "${got[lines.length] ?? ''}"`)
  }

  #expand(text: string): string {
    const state: MacroState = {
      timeSeconds: Math.floor(this.#nowMs / 1000),
      timeoutSeconds: this.#wakeAtMs === undefined ? 0 : Math.floor((this.#wakeAtMs - this.#nowMs) / 1000),
      variables: this.#variables,
    }
    try {
      return expand(text, state)
    } catch (error) {
      throw new Failed(error instanceof Error ? error.message : String(error))
    }
  }

  #handle(event: ResolverEvent): void {
    this.#take(this.#resolver.handle(event, this.#nowMs))
    while (this.#resume) {
      this.#resume = false
      this.#take(this.#resolver.handle({ kind: 'resume' }, this.#nowMs))
    }
  }

  #take(actions: readonly ResolverAction[]): void {
    for (const action of actions) {
      switch (action.kind) {
        case 'send':
          this.#sent(action)
          break
        case 'cancel':
          this.#pending = this.#pending.filter(({ exchange }) => exchange !== action.exchange)
          break
        case 'answer': {
          const client = this.#clients.get(action.id)
          if (client === undefined) break
          this.#clients.delete(action.id)
          const keepalive = client.transport === 'udp' ? undefined : this.#setup.keepaliveDeciseconds
          const options = { ...this.#setup.config, keepaliveDeciseconds: keepalive }
          const whole = formatClientReply(client.query, action.outcome, 'tcp', options)
          const octets = client.transport === 'udp' ? cut(whole, this.#deckard ? DECKARD_OCTETS : UDP_OCTETS) : whole
          this.#trace?.(
            `  = client ${action.id}: ${action.outcome.status} rcode ${action.outcome.rcode} ${action.outcome.ede.map(({ code, text }) => `[${code} ${text}]`).join('')}`,
          )
          this.#told.push({ message: expectOk(decodeMessage(octets), 'read our reply'), transport: client.transport })
          break
        }
        case 'drop':
          this.#clients.delete(action.id)
          break
        case 'wake-at':
          this.#wakeAtMs = action.atMs
          break
        case 'resume-soon':
          this.#resume = true
          break
        case 'persist':
          this.#anchors.set(action.zone.key, action.text)
          break
        case 'trace':
          this.#trace?.(
            `  [${action.step.lookup}] ${formatName(action.step.question.name)} ${action.step.question.type}: ${action.step.what}`,
          )
          break
      }
    }
  }

  #sent({ exchange, server, transport, octets, timeoutMs }: Extract<ResolverAction, { kind: 'send' }>): void {
    const pending = {
      exchange,
      address: server.address,
      transport,
      query: expectOk(decodeMessage(octets), 'read our query'),
      endsAtMs: this.#nowMs + timeoutMs,
    }
    this.#pending.unshift(pending)
    this.#trace?.(`  > ${pendingText(pending)}`)
    const step = this.#step
    // What is asked in the moment in which it is waited for has been seen.
    if (!this.#deckard && step?.kind === 'CHECK_OUT_QUERY' && this.#isMeant(step, pending)) this.#at++
  }
}

function isReferral({ authoritative, rcode, answers, authorities }: Message): boolean {
  const types = authorities.map(({ type }) => type)
  return (
    !authoritative &&
    rcode === RCODE.NOERROR &&
    answers.length === 0 &&
    types.includes(NS.code) &&
    !types.includes(SOA.code)
  )
}

/** As a datagram has it: what does not fit is left out, and TC says so. */
function cut(octets: Uint8Array, maxOctets: number): Uint8Array {
  if (octets.length <= maxOctets) return octets
  return encodeMessage(expectOk(decodeMessage(octets), 'read a message of ours'), { maxOctets }).octets
}

/** The verdict of the longest prefix; without one, this machine is allowed and others are refused. */
function accessOf(client: string, rules: readonly AccessRule[]): string {
  const address = expectOk(parseIpAddress(client), 'read the address of a client')
  let best: AccessRule | undefined
  for (const rule of rules) {
    if (isAddressCovered(address, [rule.prefix]) && rule.prefix.bits >= (best?.prefix.bits ?? 0)) best = rule
  }
  return best?.verdict ?? (isLoopback(address) ? 'allow' : 'refuse')
}

function pendingText({ address, transport, query: { questions } }: Pending): string {
  const question = questions[0]
  return `${question === undefined ? '?' : `${formatName(question.name)} ${question.type}`} at ${address}${transport === 'udp' ? '' : ` by ${transport}`}`
}

function canonical(address: string): string {
  const parsed = parseIpAddress(address)
  return parsed.ok ? parsed.value : address
}

const MAX_ROUNDS = 5000
const MOST_REPEATED = 5
const UDP_OCTETS = 1232
const DECKARD_OCTETS = 4096
