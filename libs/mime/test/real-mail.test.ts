// Every mail that there is: given back octet for octet, read the same in pieces, and every view of it answers.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { equalOctets } from '@scop/octets'
import {
  bodyStructureOf,
  chooseBodies,
  decodeBody,
  decodeBodyText,
  envelopeOf,
  formatMessage,
  MessageTreeReader,
  parseMessage,
  previewText,
  readEntity,
  readPartFields,
  reportAmbiguities,
  walkParts,
} from '../src/index.ts'

const vectors = process.env['SCOP_VECTORS'] ?? join(import.meta.dirname, '../../../../shared/vectors')
const PIECE = 61 // a prime, so that cuts fall everywhere

for (const folder of ['mail', 'originals']) {
  test(`gives back every file of ${folder}, and reads it the same in pieces`, (t) => {
    const root = join(vectors, folder)
    if (!existsSync(root)) return t.skip(`${root} absent`)
    readAll(t, root)
  })
}

test('gives back every mail of the spam sets, and reads it the same in pieces', (t) => {
  const archive = join(vectors, 'spam', 'dev-share.tar.xz')
  if (!existsSync(archive)) return t.skip(`${archive} absent`)
  const root = mkdtempSync(join(tmpdir(), 'scop-spam-'))
  t.after(() => rmSync(root, { recursive: true }))
  const { status, error } = spawnSync('tar', ['-xJf', archive, '-C', root])
  if (status !== 0) return t.skip(`cannot unpack ${archive}: ${error?.message ?? `tar ended with ${status}`}`)
  readAll(t, root)
})

function readAll(t: TestContext, root: string): void {
  let files = 0
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const path = join(root, name)
    if (!statSync(path).isFile()) continue
    readOne(name, readFileSync(path))
    files++
  }
  t.diagnostic(`${files} files`)
  assert.ok(files > 0)
}

function readOne(name: string, octets: Uint8Array): void {
  const tree = parseMessage(octets)
  assert.ok(equalOctets(formatMessage(tree, octets), octets), name)
  const reader = new MessageTreeReader()
  for (let at = 0; at < octets.length; at += PIECE) reader.feed(octets.subarray(at, at + PIECE))
  assert.deepEqual(reader.finish().defects, tree.defects, name)
  for (const part of walkParts(tree.root)) {
    readPartFields(part)
    assert.ok(decodeBody(part, octets).octets.length <= octets.length, name)
    decodeBodyText(part, octets)
  }
  const { textBody, htmlBody, attachments } = chooseBodies(tree)
  const shown = [...textBody, ...htmlBody, ...attachments]
  assert.ok(
    shown.every((part) => part.content.kind !== 'multipart'),
    name,
  )
  reportAmbiguities(tree, octets)
  bodyStructureOf(tree.root, octets)
  envelopeOf(tree.root.header)
  previewText(tree, octets)
  readEntity(tree, octets)
}
