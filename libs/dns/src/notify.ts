// NOTIFY: tells secondaries that a zone has changed until they answer, and hears it where we are one.
// RFC 1996 §3.3, §3.6 (repeats), §3.7 (the SOA is a hint), §3.8, §3.10 (from whom), RFC 8945 §5.4

import { CLASS, OPCODE, RCODE } from './codes.ts'
import { decodeMessage, EMPTY_MESSAGE, encodeMessage, responseTo } from './message.ts'
import { equalNames, type Name } from './name.ts'
import { decodeRdata } from './rdata.ts'
import { SOA } from './rr/soa.ts'
import type { Delegate } from './server-core.ts'
import { hasGrant, type PeerGrant } from './transfer-policy.ts'
import { soaRecord } from './transfer-records.ts'
import { signMessage, type TsigKey, verifyMessage } from './tsig.ts'
import type { Zone } from './zone.ts'

/** What hears NOTIFY: for each zone that we have from elsewhere (by the key of its origin), who may send one. */
export function receiveNotify(followed: ReadonlyMap<string, readonly PeerGrant[]>): Delegate {
  return ({ query, question, signer, incoming, encode }) => {
    const refuse = (rcode: number) => ({ kind: 'reply', octets: encode(responseTo(query, rcode)), rcode }) as const
    const peers = followed.get(question.name.key)
    if (question.type !== SOA.code || question.class !== CLASS.IN) return refuse(RCODE.FORMERR)
    if (peers === undefined) return refuse(RCODE.NOTAUTH)
    if (!hasGrant(peers, signer, incoming.peer.address)) return refuse(RCODE.REFUSED)
    const hint = query.answers.find(({ type, name }) => type === SOA.code && equalNames(name, question.name))
    const soa = hint === undefined ? undefined : decodeRdata(SOA, hint.rdata)
    return {
      kind: 'notified',
      origin: question.name,
      serial: soa?.ok === true ? soa.value.serial : undefined,
      octets: encode({ ...responseTo(query, RCODE.NOERROR), authoritative: true }),
    }
  }
}

export type NotifyTarget = {
  readonly address: string
  readonly port: number
  /** Signs the message; then only a signed answer counts. */
  readonly key?: TsigKey
}

export type NotifyLimits = {
  readonly attempts: number
  /** Doubled with each attempt. */
  readonly firstWaitMs: number
  readonly longestWaitMs: number
}

export const NOTIFY_LIMITS: NotifyLimits = { attempts: 7, firstWaitMs: 1000, longestWaitMs: 60_000 }

export type NotifyDatagram = { readonly target: NotifyTarget; readonly octets: Uint8Array }

export type NotifyEvent =
  | { readonly kind: 'told'; readonly zone: Name; readonly serial: number; readonly target: NotifyTarget }
  | { readonly kind: 'refused'; readonly zone: Name; readonly target: NotifyTarget; readonly rcode: number }
  | { readonly kind: 'silent'; readonly zone: Name; readonly target: NotifyTarget }

type Telling = {
  readonly target: NotifyTarget
  /** As it is now. */
  zone: Zone
  /** What the message under way says. */
  sent: { readonly id: number; readonly serial: number; readonly mac: Uint8Array | undefined } | undefined
  attempts: number
  dueMs: number
}

/** Who has been told of which serial. `randomId` gives 16 random bits. */
export class Notifier {
  readonly #limits: NotifyLimits
  readonly #randomId: () => number
  readonly #tellings = new Map<string, Telling>()

  constructor(randomId: () => number, limits: NotifyLimits = NOTIFY_LIMITS) {
    this.#limits = limits
    this.#randomId = randomId
  }

  /** The zone has a new version. Of several while an answer is waited for, only the last is told. */
  changed(zone: Zone, targets: readonly NotifyTarget[], nowMs: number): void {
    for (const target of targets) {
      const key = keyOf(zone.origin, target)
      const telling = this.#tellings.get(key)
      if (telling !== undefined) telling.zone = zone
      else this.#tellings.set(key, { target, zone, sent: undefined, attempts: 0, dueMs: nowMs })
    }
  }

  /** Datagrams that must be sent now, when to ask again, and who has been silent too long. */
  due(nowMs: number): {
    readonly datagrams: readonly NotifyDatagram[]
    readonly events: readonly NotifyEvent[]
    readonly wakeAtMs: number | undefined
  } {
    const datagrams: NotifyDatagram[] = []
    const events: NotifyEvent[] = []
    let wakeAtMs: number | undefined
    for (const [key, telling] of this.#tellings) {
      if (telling.dueMs <= nowMs) {
        if (telling.attempts >= this.#limits.attempts) {
          this.#tellings.delete(key)
          events.push({ kind: 'silent', zone: telling.zone.origin, target: telling.target })
          continue
        }
        datagrams.push(this.#send(telling, nowMs))
      }
      wakeAtMs = Math.min(wakeAtMs ?? telling.dueMs, telling.dueMs)
    }
    return { datagrams, events, wakeAtMs }
  }

  /** A datagram from this address: `undefined` if it answers nothing that was sent there. */
  receive(address: string, octets: Uint8Array, nowMs: number): NotifyEvent | undefined {
    const decoded = decodeMessage(octets)
    if (!decoded.ok || !decoded.value.response || decoded.value.opcode !== OPCODE.NOTIFY) return undefined
    const { id, rcode, questions } = decoded.value
    for (const [key, telling] of this.#tellings) {
      const { sent, target, zone } = telling
      if (sent?.id !== id || target.address !== address) continue
      if (questions[0] !== undefined && !equalNames(questions[0].name, zone.origin)) continue
      if (target.key !== undefined) {
        const options = { now: Math.floor(nowMs / 1000), ...(sent.mac && { requestMac: sent.mac }) }
        if (!verifyMessage(octets, [target.key], options).ok) return undefined
      }
      if (zone.soa.serial === sent.serial) this.#tellings.delete(key)
      else Object.assign(telling, { sent: undefined, attempts: 0, dueMs: nowMs })
      if (rcode !== RCODE.NOERROR) return { kind: 'refused', zone: zone.origin, target, rcode }
      return { kind: 'told', zone: zone.origin, serial: sent.serial, target }
    }
    return undefined
  }

  #send(telling: Telling, nowMs: number): NotifyDatagram {
    const { zone, target } = telling
    const id = this.#randomId()
    const { octets } = encodeMessage({
      ...EMPTY_MESSAGE,
      id,
      opcode: OPCODE.NOTIFY,
      authoritative: true,
      questions: [{ name: zone.origin, type: SOA.code, class: CLASS.IN }],
      answers: [soaRecord(zone)],
    })
    const signed =
      target.key === undefined
        ? { octets, mac: undefined }
        : signMessage(octets, target.key, { now: Math.floor(nowMs / 1000) })
    telling.sent = { id, serial: zone.soa.serial, mac: signed.mac }
    const { firstWaitMs, longestWaitMs } = this.#limits
    telling.dueMs = nowMs + Math.min(firstWaitMs * 2 ** telling.attempts++, longestWaitMs)
    return { target, octets: signed.octets }
  }
}

function keyOf(origin: Name, { address, port }: NotifyTarget): string {
  return `${address} ${port} ${origin.key}`
}
