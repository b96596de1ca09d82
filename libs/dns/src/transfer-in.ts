// Takes a zone from its primary, message by message, and believes nothing before the whole has come and fits together.
// RFC 5936 §2.2, §3 (AXFR), RFC 1995 §4 (IXFR), RFC 8945 §5.3.1 (the last message must be signed)

import { err, ok, type Result } from '@scop/result'
import { CLASS, OPCODE, RCODE } from './codes.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { decodeMessage, EMPTY_MESSAGE, encodeMessage, type Message } from './message.ts'
import { equalNames, isAtOrBelow, type Name } from './name.ts'
import { decodeRdata } from './rdata.ts'
import { equalRecords, type ResourceRecord } from './record.ts'
import { SOA } from './rr/soa.ts'
import { isSerialAfter } from './serial.ts'
import { soaRecord } from './transfer-records.ts'
import { signMessage, type TsigKey } from './tsig.ts'
import { type TsigStreamError, TsigStreamVerifier } from './tsig-stream.ts'
import { isMetaType, TYPE_AXFR, TYPE_IXFR } from './type-names.ts'
import { applyDiff, startZone, type Zone, type ZoneDiff, type ZoneEditor, type ZoneError } from './zone.ts'

export type TransferRequest = {
  readonly id: number
  readonly zone: Name
  /** What we have: asks for the changes since (IXFR). Without it the whole is asked for (AXFR). */
  readonly before?: Zone
  readonly key?: TsigKey
  readonly transport: 'udp' | 'tcp'
}

/** A request as it was sent: what its answer is judged by. */
export type SentTransfer = TransferRequest & {
  readonly octets: Uint8Array
  readonly mac: Uint8Array | undefined
}

export type TransferOutcome =
  /** The primary has what we have. */
  | { readonly kind: 'up-to-date'; readonly serial: number }
  | { readonly kind: 'zone'; readonly zone: Zone }
  | { readonly kind: 'changes'; readonly zone: Zone; readonly diffs: readonly ZoneDiff[] }
  /** There is more than a datagram takes. */
  | { readonly kind: 'use-tcp'; readonly serial: number }

export type TransferError =
  | {
      readonly kind:
        | 'malformed'
        | 'not-the-answer'
        | 'truncated'
        | 'not-proved'
        | 'no-soa'
        | 'not-in-zone'
        | 'not-class-in'
        | 'meta-type'
        | 'ends-with-another-soa'
        | 'serial-out-of-order'
        | 'serial-older'
        | 'data-after-end'
        | 'too-many-records'
        | 'too-many-octets'
        | 'too-many-messages'
    }
  | { readonly kind: 'refused'; readonly rcode: number }
  | { readonly kind: 'bad-tsig'; readonly error: TsigStreamError['kind'] }
  | { readonly kind: 'bad-zone'; readonly error: ZoneError }

/** The request, signed where there is a key. `now` in seconds since 1970. */
export function encodeTransferRequest(request: TransferRequest, now: number): SentTransfer {
  const { before, zone: name, id, key } = request
  const message: Message = {
    ...EMPTY_MESSAGE,
    id,
    questions: [{ name, type: before === undefined ? TYPE_AXFR : TYPE_IXFR, class: CLASS.IN }],
    authorities: before === undefined ? [] : [soaRecord(before)],
  }
  const { octets } = encodeMessage(message)
  if (key === undefined) return { ...request, octets, mac: undefined }
  return { ...request, ...signMessage(octets, key, { now }) }
}

/** Reads the answer to one request. */
export class TransferReader {
  readonly #sent: SentTransfer
  readonly #limits: Limits
  readonly #tsig: TsigStreamVerifier | undefined
  #phase: 'start' | 'first' | 'whole' | 'removing' | 'adding' | 'end' = 'start'
  #messages = 0
  #octets = 0
  #records = 0
  /** The SOA that the answer began with, and must end with. */
  #soa: ResourceRecord | undefined
  #serial = 0
  #editor: ZoneEditor
  readonly #diffs: ZoneDiff[] = []
  #diff: { fromSerial: number; toSerial: number; removed: ResourceRecord[]; added: ResourceRecord[] } = NO_DIFF()

  constructor(sent: SentTransfer, limits: Limits = DEFAULT_LIMITS) {
    this.#sent = sent
    this.#limits = limits
    this.#editor = startZone(sent.zone, limits)
    if (sent.key !== undefined && sent.mac !== undefined) this.#tsig = new TsigStreamVerifier(sent.key, sent.mac)
  }

  /** The next message; `undefined` while there must be more. After an error or an outcome nothing more is read. */
  push(octets: Uint8Array, now: number): Result<TransferOutcome | undefined, TransferError> {
    const { transferMessages, transferOctets } = this.#limits
    if (this.#phase === 'end') return err({ kind: 'data-after-end' })
    if (++this.#messages > transferMessages) return err({ kind: 'too-many-messages' })
    if ((this.#octets += octets.length) > transferOctets) return err({ kind: 'too-many-octets' })
    const signature = this.#tsig?.push(octets, now)
    const message = this.#readMessage(octets)
    // A refusal is of use also from a server that cannot sign; data are not.
    if (!message.ok && message.error.kind === 'refused') return message
    if (signature?.ok === false) return err({ kind: 'bad-tsig', error: signature.error.kind })
    if (!message.ok) return message
    for (const record of message.value.answers) {
      const error = this.#take(record)
      if (error !== undefined) {
        this.#phase = 'end'
        return err(error)
      }
    }
    return this.#conclude()
  }

  #readMessage(octets: Uint8Array): Result<Message, TransferError> {
    const decoded = decodeMessage(octets, this.#limits)
    if (!decoded.ok) return err({ kind: 'malformed' })
    const { id, response, opcode, questions, truncated, rcode } = decoded.value
    if (id !== this.#sent.id || !response || opcode !== OPCODE.QUERY) return err({ kind: 'not-the-answer' })
    const [question] = questions
    const asked = this.#sent.before === undefined ? TYPE_AXFR : TYPE_IXFR
    const same =
      question !== undefined &&
      equalNames(question.name, this.#sent.zone) &&
      question.type === asked &&
      question.class === CLASS.IN
    // RFC 5936 §2.2.1: the question stands in the first message; later ones may leave it out.
    const without = questions.length === 0 && (this.#messages > 1 || rcode !== RCODE.NOERROR)
    if (questions.length > 1 || (!same && !without)) return err({ kind: 'not-the-answer' })
    if (rcode !== RCODE.NOERROR) return err({ kind: 'refused', rcode })
    return truncated ? err({ kind: 'truncated' }) : decoded
  }

  #take(record: ResourceRecord): TransferError | undefined {
    if (++this.#records > 2 * this.#limits.zoneRecords) return { kind: 'too-many-records' }
    if (record.class !== CLASS.IN) return { kind: 'not-class-in' }
    if (isMetaType(record.type)) return { kind: 'meta-type' }
    if (!isAtOrBelow(record.name, this.#sent.zone)) return { kind: 'not-in-zone' }
    const soa = record.type === SOA.code ? decodeRdata(SOA, record.rdata) : undefined
    const serial = soa?.ok === true && equalNames(record.name, this.#sent.zone) ? soa.value.serial : undefined
    if (record.type === SOA.code && serial === undefined) return { kind: 'ends-with-another-soa' }
    switch (this.#phase) {
      case 'start':
        if (serial === undefined) return { kind: 'no-soa' }
        this.#soa = record
        this.#serial = serial
        this.#phase = 'first'
        return undefined
      case 'first':
        return this.#second(record, serial)
      case 'whole':
        return serial === undefined ? this.#add(record) : this.#finish(record)
      case 'removing':
        if (serial === undefined) this.#diff.removed.push(record)
        else if (!isSerialAfter(serial, this.#diff.fromSerial)) return { kind: 'serial-out-of-order' }
        else {
          this.#diff.toSerial = serial
          this.#diff.added.push(record)
          this.#phase = 'adding'
        }
        return undefined
      case 'adding':
        if (serial === undefined) this.#diff.added.push(record)
        else return this.#nextDiff(record, serial)
        return undefined
      case 'end':
        return { kind: 'data-after-end' }
    }
  }

  /** RFC 1995 §4: a second SOA, with the serial that we have, tells changes from the whole. */
  #second(record: ResourceRecord, serial: number | undefined): TransferError | undefined {
    const { before } = this.#sent
    if (before !== undefined && serial === before.soa.serial && serial !== this.#serial) {
      this.#startDiff(record, serial)
      return undefined
    }
    const error = this.#soa && this.#add(this.#soa)
    if (error !== undefined) return error
    this.#phase = 'whole'
    return serial === undefined ? this.#add(record) : this.#finish(record)
  }

  #startDiff(record: ResourceRecord, serial: number): void {
    this.#diff = { ...NO_DIFF(), fromSerial: serial, removed: [record] }
    this.#phase = 'removing'
  }

  #nextDiff(record: ResourceRecord, serial: number): TransferError | undefined {
    if (serial !== this.#diff.toSerial) return { kind: 'serial-out-of-order' }
    this.#diffs.push(this.#diff)
    if (serial === this.#serial) return this.#finish(record)
    this.#startDiff(record, serial)
    return undefined
  }

  #finish(record: ResourceRecord): TransferError | undefined {
    if (this.#soa === undefined || !equalRecords(record, this.#soa)) return { kind: 'ends-with-another-soa' }
    this.#phase = 'end'
    return undefined
  }

  #add(record: ResourceRecord): TransferError | undefined {
    const kind = this.#editor.add(record)
    return kind === undefined ? undefined : { kind: 'bad-zone', error: { kind, record } }
  }

  /** After each message: whether that was all, and what it comes to. */
  #conclude(): Result<TransferOutcome | undefined, TransferError> {
    const { before, transport } = this.#sent
    if (this.#phase === 'start') return err({ kind: 'no-soa' })
    const serial = this.#serial
    if (this.#phase === 'first' && before !== undefined && !isSerialAfter(serial, before.soa.serial)) {
      if (this.#tsig?.proved === false) return err({ kind: 'not-proved' })
      this.#phase = 'end'
      return serial === before.soa.serial ? ok({ kind: 'up-to-date', serial }) : err({ kind: 'serial-older' })
    }
    if (this.#phase !== 'end') return transport === 'udp' ? ok({ kind: 'use-tcp', serial }) : ok(undefined)
    if (this.#tsig?.proved === false) return err({ kind: 'not-proved' })
    if (this.#diffs.length === 0 || before === undefined) {
      const zone = this.#editor.finish()
      return zone.ok ? ok({ kind: 'zone', zone: zone.value }) : err({ kind: 'bad-zone', error: zone.error })
    }
    let zone = before
    for (const diff of this.#diffs) {
      const next = applyDiff(zone, diff, this.#limits)
      if (!next.ok) return err({ kind: 'bad-zone', error: next.error })
      zone = next.value
    }
    return ok({ kind: 'changes', zone, diffs: this.#diffs })
  }
}

const NO_DIFF = () => ({
  fromSerial: 0,
  toSerial: 0,
  removed: new Array<ResourceRecord>(),
  added: new Array<ResourceRecord>(),
})
