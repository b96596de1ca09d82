// Run by open-blobs.test.ts with a low limit of open files: as many spooled writes at once as do not fit, then again one by one.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expectOk } from '@scop/result'
import { openBlobs } from '../src/node/index.ts'

const path = mkdtempSync(join(tmpdir(), 'few-files-'))
const blobs = expectOk(await openBlobs({ path, limits: { memoryOctets: 10 } }), 'open')
const gate = Promise.withResolvers<void>()
async function* slow(n: number): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(20, `${n}`)
  await gate.promise
  yield Buffer.alloc(20, `${n}`)
}
const writes = Array.from({ length: 60 }, (_, n) => blobs.write(slow(n)))
setTimeout(gate.resolve, 100)
const refused: string[] = []
for (const answer of await Promise.all(writes)) {
  if (answer.ok) answer.value.release()
  else refused.push(answer.error.kind)
}
let kept = 0
for (let n = 0; n < 20; n++) if ((await blobs.write(slow(n + 100))).ok) kept++
rmSync(path, { recursive: true })
console.log(JSON.stringify({ refused, kept }))
