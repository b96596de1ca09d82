// The names of the places where readers of mail are known to differ.
// draft-chen-email-mime-ambiguity-defense; RFC 2045 §5.1, §6.4, §8; RFC 2046 §5.1.1; RFC 5322 §2.2, §3.6

import type { HeaderDefect } from './header-section.ts'
import type { PartDefectKind, PartPath } from './part-event.ts'

export type AmbiguityKind =
  | PartDefectKind
  /** Defects of a header section, the first of each kind. */
  | `header-${Exclude<HeaderDefect['kind'], 'bare-cr' | 'bare-lf'>}`
  /** A header whose first line continues nothing: a field for some, the body's first line for others. */
  | 'begins-with-continuation'
  /** `From ` and an envelope, as in an mbox, above the header. */
  | 'from-line'
  /** A field name with more than letters, digits, `-`, `_` and `.`, the first of a header. */
  | 'odd-field-name'
  /** The same field again with the same value, or with another. */
  | 'duplicate-mime-field'
  | 'conflicting-mime-field'
  /** A field that a message has once, such as From, comes again. */
  | 'duplicate-message-field'
  /** A comment in Content-Type, Content-Transfer-Encoding or Content-Disposition: for some a piece of the value. */
  | 'comment-in-mime-field'
  | 'two-boundaries'
  | 'conflicting-parameters'
  | 'encoded-parameter'
  | 'malformed-parameters'
  | 'malformed-disposition'
  /** `name` of Content-Type and `filename` of Content-Disposition are not the same. */
  | 'conflicting-names'
  /** UTF-7, UTF-16, UTF-32 or one that is unknown, of text. */
  | 'odd-charset'
  /** The rest of the message is elsewhere. */
  | 'partial-message'
  | 'external-body'
  | 'odd-transfer-encoding'
  | 'unknown-transfer-encoding'
  /** MIME fields, but no MIME-Version. */
  | 'missing-mime-version'
  /** A delimiter where the header has no empty line yet. */
  | 'header-ends-at-delimiter'
  | 'boundary-prefix-of-another'
  | 'odd-boundary'
  /** Something like an encoded word in a boundary: some decode it. */
  | 'encoded-boundary'
  /** A boundary by RFC 2231, in pieces or with a charset: some do not put it together. */
  | 'extended-boundary'
  | 'empty-boundary'
  /** White space at the end of a boundary: some want it in the delimiters. */
  | 'padded-boundary'
  | BodyAmbiguityKind
  /** In the whole message: a CR without LF, a LF without CR where other lines have both, a NUL. */
  | 'bare-cr'
  | 'mixed-line-ends'
  | 'nul'

/** In the body of a leaf, the first of each kind. */
export type BodyAmbiguityKind =
  /** Base64: what is no base64, and padding that is not as it should be. */
  | 'body-junk'
  | 'body-stray-padding'
  | 'body-missing-padding'
  | 'body-incomplete-quad'
  | 'body-data-after-padding'
  /** Quoted-printable. */
  | 'body-broken-escape'
  /** `begin 644 name` and a line of data in text: an attachment for some. */
  | 'uuencoded-block'

export type Ambiguity = {
  readonly kind: AmbiguityKind
  readonly path: PartPath
  /** Octets from the start of the message. */
  readonly offset: number
}

/** More than these are not reported; the report is then longer than anybody reads. */
export const AMBIGUITY_LIMITS: { readonly ambiguities: number } = { ambiguities: 1000 }

export type ReportAmbiguity = (kind: AmbiguityKind, path: PartPath, offset: number) => void
