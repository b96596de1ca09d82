// Zip archives for tests, also such as no program would write.                                   APPNOTE 6.3.10 §4.3
import { crc32, deflateRawSync } from 'node:zlib'
import { concatOctets, encodeAscii } from '@scop/octets'

export type ZipFile = {
  readonly name: string
  readonly body: Uint8Array
  readonly stored?: boolean
  readonly encrypted?: boolean
  readonly method?: number
}

export function zipOf(files: readonly ZipFile[], comment = ''): Uint8Array {
  const locals: Uint8Array[] = []
  const central: Uint8Array[] = []
  let offset = 0
  for (const { name, body, stored = false, encrypted = false, method = stored ? 0 : 8 } of files) {
    const held = stored ? body : deflateRawSync(body)
    const sizes = [crc32(body), held.length, body.length]
    const head = [
      ...two(20),
      ...two(encrypted ? 1 : 0),
      ...two(method),
      ...four(0),
      ...sizes.flatMap(four),
      ...two(name.length),
    ]
    const local = concatOctets([Uint8Array.from([...SIGNATURE(3, 4), ...head, ...two(0)]), encodeAscii(name), held])
    const tail = [...two(0), ...two(0), ...two(0), ...two(0), ...four(0), ...four(offset)]
    central.push(concatOctets([Uint8Array.from([...SIGNATURE(1, 2), ...two(20), ...head, ...tail]), encodeAscii(name)]))
    locals.push(local)
    offset += local.length
  }
  const directory = concatOctets(central)
  const counts = [...two(0), ...two(0), ...two(files.length), ...two(files.length)]
  const end = [...SIGNATURE(5, 6), ...counts, ...four(directory.length), ...four(offset), ...two(comment.length)]
  return concatOctets([...locals, directory, Uint8Array.from(end), encodeAscii(comment)])
}

const two = (value: number): readonly number[] => [value & 0xff, (value >> 8) & 0xff]
const four = (value: number): readonly number[] => [...two(value & 0xffff), ...two(value >>> 16)]
const SIGNATURE = (third: number, fourth: number): readonly number[] => [0x50, 0x4b, third, fourth]
