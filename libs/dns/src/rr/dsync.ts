// DSYNC: where the child's side tells the parent that its CDS or CSYNC has changed.      RFC 9859 §2

import { formatName, type Name } from '../name.ts'
import { formatType, parseType } from '../type-names.ts'
import type { RecordType } from './record-type.ts'

export type DsyncData = {
  readonly type: number
  readonly scheme: number
  readonly port: number
  readonly target: Name
}

export const DSYNC: RecordType<DsyncData> = {
  code: 66,
  mnemonic: 'DSYNC',
  nameRule: 'as-is',
  read: (reader) => ({
    type: reader.u16(),
    scheme: reader.u8(),
    port: reader.u16(),
    target: reader.uncompressedName(),
  }),
  write: (writer, dsync) => {
    writer.u16(dsync.type)
    writer.u8(dsync.scheme)
    writer.u16(dsync.port)
    writer.write(dsync.target.octets)
  },
  parse: (text) => {
    const type = parseType(text.word())
    if (type === undefined) text.fail('bad-value')
    let scheme = SCHEME_NOTIFY
    if (text.peek()?.text.toUpperCase() === 'NOTIFY') text.word()
    else scheme = text.u8()
    return { type: type ?? 0, scheme, port: text.u16(), target: text.name() }
  },
  format: (dsync) => {
    const scheme = dsync.scheme === SCHEME_NOTIFY ? 'NOTIFY' : dsync.scheme
    return `${formatType(dsync.type)} ${scheme} ${dsync.port} ${formatName(dsync.target)}`
  },
}

const SCHEME_NOTIFY = 1
