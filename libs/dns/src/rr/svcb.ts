// SVCB: where a service is, or what else it is called, with what a client must know before it connects.
// RFC 9460 §2 (SVCB), §9 (HTTPS has the same form)

import { formatName, type Name } from '../name.ts'
import type { RdataText } from '../rdata-text.ts'
import type { RecordType } from './record-type.ts'
import {
  formatSvcParam,
  isSelfConsistent,
  isSvcParamValue,
  parseSvcParamKey,
  parseSvcParamValue,
  type SvcParam,
} from './svc-params.ts'

export type SvcbData = {
  /** 0: an alias, whose parameters mean nothing. */
  readonly priority: number
  readonly target: Name
  /** Keys ascend. */
  readonly params: readonly SvcParam[]
}

export const SVCB: RecordType<SvcbData> = {
  code: 64,
  mnemonic: 'SVCB',
  nameRule: 'as-is',
  read: (reader) => {
    const head = { priority: reader.u16(), target: reader.uncompressedName() }
    const params: SvcParam[] = []
    while (reader.left > 0) {
      const at = reader.position
      const param = { key: reader.u16(), value: reader.take(reader.u16()) }
      if (param.key <= (params.at(-1)?.key ?? -1) || !isSvcParamValue(param)) reader.fail('rdata-malformed', at)
      params.push(param)
    }
    return { ...head, params }
  },
  write: (writer, svcb) => {
    writer.u16(svcb.priority)
    writer.write(svcb.target.octets)
    for (const { key, value } of svcb.params) {
      writer.u16(key)
      writer.u16(value.length)
      writer.write(value)
    }
  },
  parse: (text) => {
    const head = { priority: text.u16(), target: text.name() }
    const params: SvcParam[] = []
    while (text.left > 0) {
      const param = parseParam(text)
      if (param === undefined) text.fail('bad-value')
      else params.push(param)
    }
    params.sort((a, b) => a.key - b.key)
    if (text.error === undefined && !isSelfConsistent(params)) text.fail('bad-value')
    return { ...head, params }
  },
  format: (svcb) => {
    if (!isSelfConsistent(svcb.params)) return undefined
    return [svcb.priority, formatName(svcb.target), ...svcb.params.map(formatSvcParam)].join(' ')
  },
}

function parseParam(text: RdataText): SvcParam | undefined {
  const { name, value } = text.parameter()
  const key = parseSvcParamKey(name)
  const octets = value.length > 0xffff ? undefined : parseSvcParamValue(name, value)
  return key === undefined || octets === undefined ? undefined : { key, value: octets }
}
