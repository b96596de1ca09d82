import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { readAnchorFile, writeAnchorFile } from '../../src/node/anchor-store.ts'

test('the anchors that were written are read, and nothing is left beside them', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'scop-anchors-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const file = path.join(directory, 'anchors.json')
  assert.deepEqual([...(await readAnchorFile(file))], [])
  await writeAnchorFile(file, new Map([['.', '; state\n. DNSKEY 257 …\n']]))
  await writeFile(`${file}.new`, 'half of what a crash left')
  await writeAnchorFile(
    file,
    new Map([
      ['.', 'second'],
      ['test.', 'third'],
    ]),
  )
  assert.deepEqual(
    [...(await readAnchorFile(file))],
    [
      ['.', 'second'],
      ['test.', 'third'],
    ],
  )
  assert.deepEqual(await readdir(directory), ['anchors.json'])
  for (const text of ['', '[]', '{".":1}', 'null']) {
    await writeFile(file, text)
    await assert.rejects(readAnchorFile(file), /Cannot read .*anchors\.json/)
  }
  await assert.rejects(writeAnchorFile(path.join(directory, 'none', 'a'), new Map()))
})
