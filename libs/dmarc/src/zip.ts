// The files of a zip archive, by its central directory: stored or deflated, nothing else. Bounded: a directory that says
// more than the archive holds is refused, and what unfolds is counted over all files.
// APPNOTE 6.3.10 §4.3.7 (local header), §4.3.12 (central directory), §4.3.16 (its end), §4.4.4 (flags)

import { encodeAscii } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import type { ReportLimits } from './limits.ts'

export type UnfoldError =
  | { readonly kind: 'bad-gzip' | 'bad-zip' | 'encrypted-zip' | 'nothing-inside' }
  | { readonly kind: 'unfolds-too-far'; readonly limit: number }
  | { readonly kind: 'too-many-entries'; readonly limit: number }
  | { readonly kind: 'folded-too-often'; readonly limit: number }

/** Raw deflate; may not answer more than `limit` octets. */
export type Inflate = (deflated: Uint8Array, limit: number) => Result<Uint8Array, UnfoldError>

/** The contents of the files, in the order of the directory; directories and what macOS adds are passed over. */
export function readZip(
  archive: Uint8Array,
  inflate: Inflate,
  limits: ReportLimits,
): Result<readonly Uint8Array[], UnfoldError> {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength)
  const end = endOfDirectory(view)
  if (end === undefined) return err({ kind: 'bad-zip' })
  const entries = view.getUint16(end + 10, true)
  if (entries > limits.zipEntries) return err({ kind: 'too-many-entries', limit: limits.zipEntries })
  const files: Uint8Array[] = []
  let left = limits.reportOctets
  let at = view.getUint32(end + 16, true)
  for (let n = 0; n < entries; n++) {
    if (at + CENTRAL_OCTETS > end || view.getUint32(at, true) !== CENTRAL) return err({ kind: 'bad-zip' })
    const nameLength = view.getUint16(at + 28, true)
    const name = archive.subarray(at + CENTRAL_OCTETS, at + CENTRAL_OCTETS + nameLength)
    if (!isPassedOver(name)) {
      const file = readEntry(archive, view, at, inflate, left)
      if (!file.ok)
        return file.error.kind === 'unfolds-too-far' ? err({ ...file.error, limit: limits.reportOctets }) : file
      files.push(file.value)
      left -= file.value.length
    }
    at += CENTRAL_OCTETS + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
  return files.length === 0 ? err({ kind: 'nothing-inside' }) : ok(files)
}

/** Where the end record begins: the last one that a comment of its own length follows. */
function endOfDirectory(view: DataView): number | undefined {
  const first = Math.max(0, view.byteLength - END_OCTETS - MAX_COMMENT)
  for (let at = view.byteLength - END_OCTETS; at >= first; at--) {
    if (view.getUint32(at, true) === END && at + END_OCTETS + view.getUint16(at + 20, true) <= view.byteLength)
      return at
  }
  return undefined
}

function readEntry(
  archive: Uint8Array,
  view: DataView,
  at: number,
  inflate: Inflate,
  limit: number,
): Result<Uint8Array, UnfoldError> {
  const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)]
  if ((flags & ENCRYPTED) !== 0) return err({ kind: 'encrypted-zip' })
  const size = view.getUint32(at + 20, true)
  const local = view.getUint32(at + 42, true)
  if (local + LOCAL_OCTETS > archive.length || view.getUint32(local, true) !== LOCAL) return err({ kind: 'bad-zip' })
  const start = local + LOCAL_OCTETS + view.getUint16(local + 26, true) + view.getUint16(local + 28, true)
  if (start + size > archive.length) return err({ kind: 'bad-zip' })
  const held = archive.subarray(start, start + size)
  if (method === DEFLATED) return inflate(held, limit)
  if (method !== STORED) return err({ kind: 'bad-zip' })
  return held.length > limit ? err({ kind: 'unfolds-too-far', limit }) : ok(held)
}

/** A directory, or a resource fork. */
function isPassedOver(name: Uint8Array): boolean {
  return name.at(-1) === SLASH || MACOSX.every((octet, at) => name[at] === octet)
}

const END = 0x06054b50
const CENTRAL = 0x02014b50
const LOCAL = 0x04034b50
const END_OCTETS = 22
const CENTRAL_OCTETS = 46
const LOCAL_OCTETS = 30
const MAX_COMMENT = 0xffff
const ENCRYPTED = 1
const STORED = 0
const DEFLATED = 8
const SLASH = 0x2f
const MACOSX = encodeAscii('__MACOSX/')
