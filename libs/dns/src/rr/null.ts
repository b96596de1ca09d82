// NULL: octets of an experiment; a zone file does not have it.      RFC 1035 §3.3.10

import type { OpaqueOctets } from './opaque-octets.ts'
import type { RecordType } from './record-type.ts'

export const NULL: RecordType<OpaqueOctets> = {
  code: 10,
  mnemonic: 'NULL',
  nameRule: 'as-is',
  read: (reader) => ({ octets: reader.rest() }),
  write: (writer, { octets }) => writer.write(octets),
}
