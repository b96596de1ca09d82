// What the message reader says, in order of offset. The octets of `header`, `preamble`, `body`, `boundary` and `epilogue`
// are exactly the message: nothing is left out, nothing comes twice.
// RFC 2046 §5.1 (multipart), §5.2.1 (message/rfc822)

import { HEADER_LIMITS, type HeaderLimits, type HeaderSection } from './header-section.ts'

/** Places among the children, from the message inwards, counted from 0. The message itself is `[]`. */
export type PartPath = readonly number[]

/** How a part's body is made of others. `type` is lower case, the default where none can be read. */
export type PartStructure =
  | { readonly kind: 'leaf'; readonly type: string }
  /** The body is one message (message/rfc822, message/global). */
  | { readonly kind: 'message'; readonly type: string }
  | { readonly kind: 'multipart'; readonly type: string; readonly boundary: Uint8Array }

/** What the type is where a part names none. RFC 2045 §5.2, RFC 2046 §5.1.5 */
export type DefaultType = 'text/plain' | 'message/rfc822'

export type PartDefectKind =
  | 'bad-content-type'
  | 'no-boundary'
  /** Longer than `boundaryOctets`: the part is a leaf. */
  | 'boundary-too-long'
  /** Base64 or quoted-printable: the inner message is not read. RFC 2046 §5.2.1 */
  | 'encoded-message'
  /** Base64 or quoted-printable: read as if it were not. RFC 2045 §6.4 */
  | 'encoded-multipart'
  | 'missing-close-delimiter'
  /** A line that begins as a delimiter of an open multipart and goes on: it is text. */
  | 'text-after-boundary'
  /** A delimiter of a multipart already closed: it is text. */
  | 'delimiter-after-close'
  /** Beyond `header`: the part has no fields, and its header is its body. */
  | 'header-beyond-limits'
  | 'too-deep'
  /** From here on everything is text; so with the next two. */
  | 'too-many-parts'
  | 'too-many-fields'
  | 'headers-too-long'
  /** Defects are recorded no more. */
  | 'too-many-defects'

export type PartEvent =
  | {
      readonly kind: 'part-start'
      readonly path: PartPath
      readonly offset: number
      readonly defaultType: DefaultType
    }
  | {
      readonly kind: 'header'
      readonly path: PartPath
      readonly offset: number
      readonly header: HeaderSection
      readonly structure: PartStructure
    }
  /** Text, still encoded, in one or more pieces. Preamble and epilogue are those of the multipart at `path`. */
  | {
      readonly kind: 'preamble' | 'body' | 'epilogue'
      readonly path: PartPath
      readonly offset: number
      readonly octets: Uint8Array
    }
  /**
   * A delimiter line of the multipart at `path`, with the line end before it unless that ends a header or the line of a
   * delimiter that does not close. Of a close delimiter within another multipart the line end comes as an event of its own,
   * or goes to the outer delimiter that follows at once. RFC 2046 §5.1.1
   */
  | {
      readonly kind: 'boundary'
      readonly path: PartPath
      readonly offset: number
      readonly octets: Uint8Array
      readonly closes: boolean
    }
  | { readonly kind: 'part-end'; readonly path: PartPath; readonly offset: number }
  | {
      readonly kind: 'defect'
      readonly path: PartPath
      readonly offset: number
      readonly defect: PartDefectKind
    }
  | { readonly kind: 'end'; readonly offset: number }

export type MessageLimits = {
  /** Of each part. */
  readonly header: HeaderLimits
  /** Parts inside parts; the message itself is 1. */
  readonly depth: number
  readonly parts: number
  /** Fields and header defects of all parts together; a header that is not read counts as `header.fields`. */
  readonly fields: number
  /** Of the header sections of all parts together. */
  readonly headerOctets: number
  readonly boundaryOctets: number
  /** Of a whole delimiter line; a longer line is text. */
  readonly delimiterLineOctets: number
  readonly defects: number
}

export const MESSAGE_LIMITS: MessageLimits = {
  header: HEADER_LIMITS,
  depth: 64,
  parts: 10_000,
  fields: 50_000,
  headerOctets: 4 * 1024 * 1024,
  boundaryOctets: 256,
  delimiterLineOctets: 1000,
  defects: 1000,
}
