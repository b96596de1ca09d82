// Answers as whole messages, kept for the next who asks the same: for one version of the zones, in a fixed number of places.
// Only the id, what is copied from the question's flags, and the case of its name are the asker's own.

import { HEADER_OCTETS } from './message.ts'
import { asksSame, lowerQuestion, type PlainQuery } from './plain-query.ts'
import { replyRoom } from './reply-room.ts'
import type { AnswerKind } from './rrl.ts'
import type { ZoneSet } from './zone-set.ts'

export type AnswerPacket = {
  /** Whole, with OPT last where there is one. */
  readonly octets: Uint8Array
  /** Of the OPT; 0: there is none. */
  readonly optOctets: number
  readonly rcode: number
  readonly kind: AnswerKind
  /** The key of the zone that it is from. */
  readonly zone: string
}

/** Its question is in lower case. */
type KeptPacket = AnswerPacket & Pick<PlainQuery, 'hash' | 'questionEnd' | 'hasEdns' | 'dnssecOk'>

export type AnswerPacketLimits = {
  /** How many answers are kept. */
  readonly answers: number
  /** Of one answer; longer ones are made anew each time. */
  readonly octets: number
}

export const ANSWER_PACKET_LIMITS: AnswerPacketLimits = { answers: 16_384, octets: 1232 }

export class AnswerPackets {
  readonly #limits: AnswerPacketLimits
  readonly #places: (KeptPacket | undefined)[]
  /** Questions of late, by their hashes: an answer is kept when it is asked for again, so that names never asked twice push none out. */
  readonly #asked: Uint32Array
  #zones: ZoneSet | undefined

  constructor(limits: Partial<AnswerPacketLimits> = {}) {
    this.#limits = { ...ANSWER_PACKET_LIMITS, ...limits }
    this.#places = Array.from({ length: this.#limits.answers })
    this.#asked = new Uint32Array(4 * this.#limits.answers)
  }

  /** The answer from these zones to this question, if it is kept. */
  find(zones: ZoneSet, octets: Uint8Array, query: PlainQuery): AnswerPacket | undefined {
    if (zones !== this.#zones) return undefined
    const first = this.#firstPlace(query)
    for (let way = 0; way < WAYS; way++) {
      const packet = this.#places[(first + way) % this.#places.length]
      if (packet === undefined || packet.hash !== query.hash) continue
      if (packet.hasEdns !== query.hasEdns || packet.dnssecOk !== query.dnssecOk) continue
      if (packet.questionEnd === query.questionEnd && asksSame(octets, query, packet.octets)) return packet
    }
    return undefined
  }

  /** Keeps a copy of an answer that is asked for again, in the place of another where there is no free one. */
  keep(zones: ZoneSet, query: PlainQuery, answer: AnswerPacket): void {
    const { hash, questionEnd, hasEdns, dnssecOk } = query
    if (!this.#isAskedAgain(hash)) return
    if (answer.octets.length > this.#limits.octets || this.#places.length === 0) return
    const octets = new Uint8Array(answer.octets)
    lowerQuestion(octets, query)
    const packet = { ...answer, octets, hash, questionEnd, hasEdns, dnssecOk }
    if (zones !== this.#zones) {
      this.#zones = zones
      this.#places.fill(undefined)
    }
    const first = this.#firstPlace(query)
    let place = first
    for (let way = WAYS - 1; way >= 0; way--) {
      const at = (first + way) % this.#places.length
      if (this.#places[at] === undefined) place = at
    }
    // The newest stands first, and the one that was there moves on: the one before it is forgotten.
    if (this.#places[place] !== undefined) this.#places[(first + 1) % this.#places.length] = this.#places[first]
    this.#places[place] = packet
  }

  #isAskedAgain(hash: number): boolean {
    const at = hash % this.#asked.length
    if (this.#asked[at] === hash) return true
    this.#asked[at] = hash
    return false
  }

  #firstPlace({ hash }: PlainQuery): number {
    return ((hash ^ (hash >>> 15)) >>> 0) % this.#places.length
  }
}

/** The message for this asker, with `options` (whole EDNS options, one after the other) behind those that the answer has. */
export function addressed(
  packet: AnswerPacket,
  query: Uint8Array,
  { nameEnd }: Pick<PlainQuery, 'nameEnd'>,
  options: Uint8Array | undefined,
): Uint8Array {
  const { octets } = packet
  const { length } = octets
  const reply = replyRoom(length + (options?.length ?? 0))
  reply.set(octets)
  reply[0] = query[0] ?? 0
  reply[1] = query[1] ?? 0
  // RD and CD are the asker's.
  reply[2] = ((octets[2] ?? 0) & 0xfe) | ((query[2] ?? 0) & 0x01)
  reply[3] = ((octets[3] ?? 0) & 0xef) | ((query[3] ?? 0) & 0x10)
  for (let i = HEADER_OCTETS; i < nameEnd; i++) reply[i] = query[i] ?? 0
  if (options !== undefined) {
    reply.set(options, length)
    // OPT is last, and its options end the message.
    const lengthAt = length - packet.optOctets + OPT_LENGTH_AT
    const all = length - lengthAt - 2 + options.length
    reply[lengthAt] = all >>> 8
    reply[lengthAt + 1] = all
  }
  return reply
}

const WAYS = 2
/** Behind the root's name, type, class and TTL. */
const OPT_LENGTH_AT = 9
