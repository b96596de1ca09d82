// What every module of this folder gives: one record type, on the wire and in text.

import type { RdataText } from '../rdata-text.ts'
import type { WireReader } from '../wire-reader.ts'
import type { WireWriter } from '../wire-writer.ts'
import type { NameRule } from './name-rule.ts'

export type RecordType<Data> = {
  readonly code: number
  readonly mnemonic: string
  /** How the names in the data travel; `as-is` also where there are none. */
  readonly nameRule: NameRule
  /** From the reader's position to its end. A field that is wrong fails the reader. */
  read(reader: WireReader): Data
  write(writer: WireWriter, data: Data): void
  /** `undefined`: there is no text but the generic one of RFC 3597 §5. */
  parse?(text: RdataText): Data
  /** `undefined`: this value has no text but the generic one. */
  format?(data: Data): string | undefined
}
