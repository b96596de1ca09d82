// SOA: the start of a zone; its serial and its timers.      RFC 1035 §3.3.13, RFC 2308 §4

import { formatName, type Name } from '../name.ts'
import type { RecordType } from './record-type.ts'

export type SoaData = {
  readonly primary: Name
  readonly responsible: Name
  readonly serial: number
  readonly refreshSeconds: number
  readonly retrySeconds: number
  readonly expireSeconds: number
  /** How long the absence of a record may be kept. */
  readonly negativeTtlSeconds: number
}

export const SOA: RecordType<SoaData> = {
  code: 6,
  mnemonic: 'SOA',
  nameRule: 'compressed',
  read: (reader) => ({
    primary: reader.name(),
    responsible: reader.name(),
    serial: reader.u32(),
    refreshSeconds: reader.u32(),
    retrySeconds: reader.u32(),
    expireSeconds: reader.u32(),
    negativeTtlSeconds: reader.u32(),
  }),
  write: (writer, soa) => {
    writer.name(soa.primary)
    writer.name(soa.responsible)
    writer.u32(soa.serial)
    writer.u32(soa.refreshSeconds)
    writer.u32(soa.retrySeconds)
    writer.u32(soa.expireSeconds)
    writer.u32(soa.negativeTtlSeconds)
  },
  parse: (text) => ({
    primary: text.name(),
    responsible: text.name(),
    serial: text.u32(),
    refreshSeconds: text.duration(),
    retrySeconds: text.duration(),
    expireSeconds: text.duration(),
    negativeTtlSeconds: text.duration(),
  }),
  format: (soa) =>
    `${formatName(soa.primary)} ${formatName(soa.responsible)} ${soa.serial} ${soa.refreshSeconds} ` +
    `${soa.retrySeconds} ${soa.expireSeconds} ${soa.negativeTtlSeconds}`,
}
