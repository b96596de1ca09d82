// SRV: where a service of the name is.      RFC 2782

import { formatName, type Name } from '../name.ts'
import type { RecordType } from './record-type.ts'

export type SrvData = {
  readonly priority: number
  readonly weight: number
  readonly port: number
  readonly target: Name
}

export const SRV: RecordType<SrvData> = {
  code: 33,
  mnemonic: 'SRV',
  nameRule: 'lowered',
  // RFC 3597 §4: never written compressed, but read so, since RFC 2052 had it compressed.
  read: (reader) => ({ priority: reader.u16(), weight: reader.u16(), port: reader.u16(), target: reader.name() }),
  write: (writer, srv) => {
    writer.u16(srv.priority)
    writer.u16(srv.weight)
    writer.u16(srv.port)
    writer.uncompressedName(srv.target)
  },
  parse: (text) => ({ priority: text.u16(), weight: text.u16(), port: text.u16(), target: text.name() }),
  format: (srv) => `${srv.priority} ${srv.weight} ${srv.port} ${formatName(srv.target)}`,
}
