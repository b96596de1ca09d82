import assert from 'node:assert/strict'
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { followEntries, formatLogEntry, lastEntries } from '../src/logs.ts'

const line = (msg: string): string => `${JSON.stringify({ level: 'info', service: 'relay', msg })}\n`

async function withLog(use: (file: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'scop-logs-'))
  try {
    await use(path.join(directory, 'scop.jsonl'))
  } finally {
    await rm(directory, { recursive: true })
  }
}

test('shows one entry on one line, whatever it holds', () => {
  const entry = {
    level: 'warn',
    time: 'T',
    service: 'receiver',
    trace: '00',
    msg: 'refused\n',
    helo: '\u001b[2J',
    n: 1,
  }
  assert.equal(formatLogEntry(entry), 'T receiver warn [00] refused\\u000a helo=\\u001b[2J n=1')
  assert.equal(formatLogEntry({ msg: 'x', reason: 'two words' }), '- - - x reason="two words"')
  assert.equal(formatLogEntry({ msg: 'x', added: ['a. A', 'b. NS'], none: [] }), '- - - x added="a. A, b. NS" none=""')
  assert.equal(formatLogEntry({ msg: 'x', mixed: ['a', 1] }), '- - - x mixed="[\\"a\\",1]"')
})

test('answers the last entries that are wanted', () =>
  withLog(async (file) => {
    await writeFile(file, `${line('a')}${line('b')}no json\n${line('c')}{"msg":"half`)
    const { entries } = await lastEntries(file, 2, () => true)
    assert.deepEqual(
      entries.map(({ msg }) => msg),
      ['no json', 'c'],
    )
    assert.deepEqual((await lastEntries(file, 0, () => true)).entries, [])
  }))

test('a log that is not there has no entries', () =>
  withLog(async (file) => assert.deepEqual((await lastEntries(file, 5, () => true)).entries, [])))

test('follows lines as they come, through halves and a rotation', () =>
  withLog(async (file) => {
    await writeFile(file, line('before'))
    const { end } = await lastEntries(file, 0, () => true)
    const stop = new AbortController()
    const seen: unknown[] = []
    const write = [
      () => appendFile(file, line('one').slice(0, 10)),
      () => appendFile(file, line('one').slice(10)),
      () => rename(file, `${file}.1`).then(() => writeFile(file, line('two'))),
    ]
    await write.shift()?.()
    await write.shift()?.()
    for await (const { msg } of followEntries(file, end, stop.signal)) {
      seen.push(msg)
      if (seen.length === 2) stop.abort()
      else await write.shift()?.()
    }
    assert.deepEqual(seen, ['one', 'two'])
  }))
