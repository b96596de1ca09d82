// TSIG over the many messages of one answer by TCP: each MAC binds all messages since the one before.
// RFC 8945 §5.3.1

import type { Hmac } from 'node:crypto'
import { err, ok, type Result } from '@scop/result'
import {
  appendTsig,
  checkTsig,
  findTsig,
  finishMac,
  signMessage,
  type SignOptions,
  startMac,
  type TsigError,
  type TsigKey,
  unsignedTsig,
  type VerifiedTsig,
  verifyMessage,
  withoutTsig,
} from './tsig.ts'
import type { TsigData } from './rr/tsig.ts'
import { WireWriter } from './wire-writer.ts'

export type TsigStreamError = TsigError | { readonly kind: 'too-many-unsigned' }

/** Signs the messages of one answer, every one of them. */
export class TsigStreamSigner {
  readonly #key: TsigKey
  readonly #options: Omit<SignOptions, 'now' | 'requestMac'>
  readonly #requestMac: Uint8Array
  #before: Uint8Array | undefined

  constructor(key: TsigKey, requestMac: Uint8Array, options: Omit<SignOptions, 'now' | 'requestMac'> = {}) {
    this.#key = key
    this.#requestMac = requestMac
    this.#options = options
  }

  /** `now` in seconds since 1970. */
  sign(octets: Uint8Array, now: number): Uint8Array {
    const options = { ...this.#options, now }
    if (this.#before === undefined) {
      const first = signMessage(octets, this.#key, { ...options, requestMac: this.#requestMac })
      this.#before = first.mac
      return first.octets
    }
    const unsigned = unsignedTsig(octets, this.#key, options)
    const whole = finishMac(startMac(this.#key, this.#before).update(octets).update(timersOf(unsigned)), this.#key)
    const mac = whole.subarray(0, options.macOctets ?? whole.length)
    this.#before = mac
    return appendTsig(octets, this.#key.name, { ...unsigned, mac })
  }
}

/** Verifies the messages of one answer as they come. What came since the last signed one is not yet proved. */
export class TsigStreamVerifier {
  readonly #key: TsigKey
  readonly #requestMac: Uint8Array
  #digest: Hmac | undefined
  #unsigned = 0

  constructor(key: TsigKey, requestMac: Uint8Array) {
    this.#key = key
    this.#requestMac = requestMac
  }

  /** Whether all messages until now are proved: the last one of an answer must be signed. */
  get proved(): boolean {
    return this.#digest !== undefined && this.#unsigned === 0
  }

  /** `undefined`: not signed, which the next signed one makes good. The first must be signed. */
  push(octets: Uint8Array, now: number): Result<VerifiedTsig | undefined, TsigStreamError> {
    if (this.#digest === undefined) {
      const first = verifyMessage(octets, [this.#key], { now, requestMac: this.#requestMac })
      if (first.ok) this.#digest = startMac(this.#key, first.value.mac)
      return first
    }
    const found = findTsig(octets)
    if (!found.ok) {
      if (found.error.kind !== 'unsigned') return found
      if (++this.#unsigned > MOST_UNSIGNED) return err({ kind: 'too-many-unsigned' })
      this.#digest.update(octets)
      return ok(undefined)
    }
    const { data, offset } = found.value
    this.#digest.update(withoutTsig(octets, offset, data.originalId)).update(timersOf(data))
    const verified = checkTsig(found.value, this.#key, this.#digest, { now })
    if (!verified.ok) return verified
    this.#unsigned = 0
    this.#digest = startMac(this.#key, verified.value.mac)
    return verified
  }
}

function timersOf(data: TsigData): Uint8Array {
  const timers = new WireWriter('plain', 0, 8)
  timers.u48(data.timeSignedSeconds)
  timers.u16(data.fudgeSeconds)
  return timers.finish()
}

/** Between two that are signed. */
const MOST_UNSIGNED = 99
