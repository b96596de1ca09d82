// `npm run hamlet-10k -- FILE`: writes hamlet-10k to FILE and refuses what is not the pinned digest.
// `npm run hamlet-10k -- --pin`: pins what the generator makes now, in libs/hamlet/hamlet-10k.json.

import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { GENERATOR_VERSION } from '@scop/hamlet'
import { HAMLET_10K, hamlet10kTar, writeHamlet10k } from '@scop/hamlet/node'

/** Messages of the part that `npm test` makes again. */
const SLICE = 200
const [given] = process.argv.slice(2)
const pinFile = fileURLToPath(new URL('../libs/hamlet/hamlet-10k.json', import.meta.url))
if (given === undefined) throw new Error('Give a file to write, or --pin')
if (given === '--pin') {
  const folder = mkdtempSync(path.join(tmpdir(), 'scop-hamlet-10k-'))
  const whole = await writeHamlet10k(path.join(folder, '10k.tar.zst'))
  rmSync(folder, { recursive: true })
  const slice = createHash('sha256')
  for (const piece of hamlet10kTar(SLICE)) slice.update(piece)
  const pin = {
    generator: GENERATOR_VERSION,
    ...HAMLET_10K,
    tarSha256: whole,
    slice: { count: SLICE, tarSha256: slice.digest('hex') },
  }
  writeFileSync(pinFile, `${JSON.stringify(pin, null, 2)}\n`)
} else {
  // as: written above
  const { tarSha256 } = JSON.parse(readFileSync(pinFile, 'utf8')) as { readonly tarSha256: string }
  const made = await writeHamlet10k(given)
  console.log(`${statSync(given).size} octets; the archive inside has the SHA-256 ${made}`)
  if (made !== tarSha256) {
    console.error(`The pinned one is ${tarSha256}: the generator makes other messages now.`)
    process.exitCode = 1
  }
}
