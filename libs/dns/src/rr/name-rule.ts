// How a name inside record data travels. RFC 1035's own types may have it compressed; older types read it compressed but
// never write it so; later types do neither. The canonical form lowers it in the first two kinds.
// RFC 3597 §4, RFC 4034 §6.2, RFC 6840 §5.1

import type { Name } from '../name.ts'
import type { WireReader } from '../wire-reader.ts'
import type { WireWriter } from '../wire-writer.ts'

export type NameRule = 'compressed' | 'lowered' | 'as-is'

export function readName(reader: WireReader, rule: NameRule): Name {
  return rule === 'as-is' ? reader.uncompressedName() : reader.name()
}

export function writeName(writer: WireWriter, rule: NameRule, name: Name): void {
  if (rule === 'compressed') writer.name(name)
  else if (rule === 'lowered') writer.uncompressedName(name)
  else writer.write(name.octets)
}
