// What a transfer decoder is, and what it notes where a body is not as its encoding says. Decoders never fail.
// RFC 2045 §6

export type TransferDefect = {
  readonly kind:
    | 'unknown-encoding'
    // base64
    | 'junk'
    | 'stray-padding'
    | 'missing-padding'
    | 'incomplete-quad'
    | 'data-after-padding'
    // quoted-printable
    | 'broken-escape'
    | 'lower-case-hex'
    | 'soft-break-at-end'
    // uuencode, yEnc
    | 'no-begin'
    | 'no-end'
    | 'bad-line'
    | 'line-too-long'
    | 'size-mismatch'
    | 'checksum-mismatch'
    // the list itself is full
    | 'more-defects'
  /** Octets from the start of the encoded body. */
  readonly offset: number
}

/** Octets in at any cut, decoded octets out: the same in sum for every cut. What is answered belongs to the caller. */
export interface TransferDecoder {
  push(chunk: Uint8Array): Uint8Array
  /** What was held back. Call once, after the last `push`. */
  end(): Uint8Array
  /** In order of discovery; complete after `end`. */
  readonly defects: readonly TransferDefect[]
}

export type TransferLimits = {
  /** Defects noted; `more-defects` says that the list is not whole. The first of each kind is noted in any case. */
  readonly defects: number
  /** Octets of one line of uuencode, or of a yEnc keyword line; what is longer is cut. */
  readonly lineOctets: number
  /** White space of one run that quoted-printable holds back, since it is dropped where the line ends. */
  readonly whiteSpaceOctets: number
}

export const TRANSFER_LIMITS: TransferLimits = { defects: 100, lineOctets: 1024, whiteSpaceOctets: 1024 }

/** Defects noted up to the limit, and beyond it the first of each kind. */
export class DefectList {
  readonly noted: TransferDefect[] = []
  readonly #limit: number
  readonly #kinds = new Set<TransferDefect['kind']>()

  constructor(limits: TransferLimits) {
    this.#limit = limits.defects
  }

  note(kind: TransferDefect['kind'], offset: number): void {
    const isNew = !this.#kinds.has(kind)
    if (!isNew && this.noted.length >= this.#limit) {
      if (this.#kinds.has('more-defects')) return
      this.#kinds.add('more-defects')
      this.noted.push({ kind: 'more-defects', offset })
      return
    }
    this.#kinds.add(kind)
    this.noted.push({ kind, offset })
  }
}
