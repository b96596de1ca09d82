import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { stripPrograms, strippedRuntime } from '../src/node/strip-programs.ts'

test('programs are stripped once, by the hash of their text; what is old goes, what is there stays', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'scop-strip-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  await stripPrograms(directory)
  const source = fileURLToPath(import.meta.resolve('@scop/bottle'))
  const text = await readFile(source, 'utf8')
  const stripped = path.join(directory, `${hash('sha256', text)}.js`)
  assert.equal((await readFile(stripped, 'utf8')).length, text.length, 'every position stays')
  await writeFile(path.join(directory, 'old.js'), '')
  await writeFile(stripped, 'export const kept = true\n')
  await stripPrograms(directory)
  const names = await readdir(directory)
  assert.ok(!names.includes('old.js') && names.includes('loader.mjs'))
  assert.equal(await readFile(stripped, 'utf8'), 'export const kept = true\n')
  const { mtimeNs } = await stat(stripped, { bigint: true })
  await stripPrograms(directory)
  assert.equal((await stat(stripped, { bigint: true })).mtimeNs, mtimeNs, 'a full disk does not stop a start')

  const load = (file: string): string => {
    const program = `console.log(Object.keys(await import(${JSON.stringify(file)})).join())`
    const flags = ['--disable-warning=ExperimentalWarning', ...strippedRuntime(directory)]
    return execFileSync(process.execPath, [...flags, '--input-type=module', '-e', program], { encoding: 'utf8' }).trim()
  }
  assert.equal(load(source), 'kept', 'the loader reads what was stripped')
  const other = path.join(directory, 'other.ts')
  await writeFile(other, 'export const other: number = 1\n')
  assert.equal(load(other), 'other', 'and leaves to the runtime what was not')
})
