// Tar archives in the ustar form: written so that the same files give the same octets (owner 0, time 0, mode 0644), read as
// a stream, regular files only. POSIX.1-2024, pax, "ustar Interchange Format"

import { encodeAscii } from '@scop/octets'

export type TarFile = { readonly name: string; readonly octets: Uint8Array }

export const TAR_LIMITS = { fileOctets: 64 * 1024 * 1024 } as const

/** The file with its header, padded to whole blocks. Names are ASCII, at most 100 octets. */
export function encodeTarFile({ name, octets }: TarFile): Uint8Array {
  if (name.length > NAME || !/^[\x21-\x7e]+$/.test(name)) throw new Error(`Cannot write "${name}" into a tar archive`)
  const file = new Uint8Array(BLOCK + padded(octets.length))
  const put = (at: number, text: string): void => file.set(encodeAscii(text), at)
  put(0, name)
  put(100, '0000644\0') // mode
  put(108, '0000000\0') // owner
  put(116, '0000000\0') // group
  put(124, `${octets.length.toString(8).padStart(11, '0')}\0`)
  put(136, '00000000000\0') // time
  put(148, '        ') // the checksum counts as blanks in itself
  put(156, '0') // a regular file
  put(257, 'ustar\x0000')
  put(148, `${checksum(file).toString(8).padStart(6, '0')}\0 `)
  file.set(octets, BLOCK)
  return file
}

/** What an archive ends with: two blocks of zeros. */
export const TAR_END = new Uint8Array(2 * 512)

/** The regular files of an archive that comes in pieces. Throws where it is none, or is cut short. */
export async function* readTar(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TarFile> {
  const input = new BlockInput(chunks)
  for (;;) {
    const header = await input.take(BLOCK)
    if (header === undefined) throw new Error('Cannot read the archive: it is cut short')
    if (header.every((octet) => octet === 0)) break
    if (checksum(header) !== octal(header, 148, 8)) throw new Error('Cannot read the archive: a header is damaged')
    const size = octal(header, 124, 12)
    if (size > TAR_LIMITS.fileOctets) throw new Error(`Cannot read the archive: a file of ${size} octets`)
    const octets = await input.take(padded(size))
    if (octets === undefined) throw new Error('Cannot read the archive: it is cut short')
    const type = header[156]
    if (type === 0x30 || type === 0) yield { name: text(header, 0, NAME), octets: octets.subarray(0, size) }
  }
  // To the end, so that whoever feeds us sees its own end, and a damaged one there.
  while ((await input.take(BLOCK)) !== undefined) continue
}

/** Pieces of any size as runs of the size asked for, each in memory of its own. */
class BlockInput {
  readonly #chunks: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array()

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** Undefined where the input ends before. */
  async take(octets: number): Promise<Uint8Array | undefined> {
    const run = new Uint8Array(octets)
    let filled = 0
    while (filled < octets) {
      if (this.#rest.length === 0) {
        const next = await this.#chunks.next()
        if (next.done === true) return undefined
        this.#rest = next.value
      }
      const piece = this.#rest.subarray(0, octets - filled)
      run.set(piece, filled)
      filled += piece.length
      this.#rest = this.#rest.subarray(piece.length)
    }
    return run
  }
}

function checksum(header: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < BLOCK; at++) sum += at >= 148 && at < 156 ? 0x20 : (header[at] ?? 0)
  return sum
}

function octal(header: Uint8Array, at: number, length: number): number {
  const digits = text(header, at, length).trim()
  if (!/^[0-7]{1,12}$/.test(digits)) throw new Error('Cannot read the archive: a number in a header is damaged')
  return Number.parseInt(digits, 8)
}

function text(header: Uint8Array, at: number, length: number): string {
  const octets = header.subarray(at, at + length)
  const end = octets.indexOf(0)
  return String.fromCharCode(...octets.subarray(0, end < 0 ? length : end))
}

const padded = (octets: number): number => Math.ceil(octets / BLOCK) * BLOCK
const BLOCK = 512
const NAME = 100
