// The SHA-256 of a file, read in pieces.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  const pieces: AsyncIterable<Uint8Array> = createReadStream(file, { highWaterMark: 256 * 1024 })
  for await (const piece of pieces) hash.update(piece)
  return hash.digest('hex')
}
