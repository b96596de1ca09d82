// Programs as services run them: their types taken off once, before the bottle starts, instead of by each process for
// itself, which costs it 0.2 s of CPU and leaves the compiler in its memory (17 MiB).
// Law: types become spaces, so every position stays; a file is named by the hash of the text that it was made from.

import { hash } from 'node:crypto'
import { glob, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** Brings `directory` up to date with the texts of all libraries and services; it holds nothing else. */
export async function stripPrograms(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const there = new Set(await readdir(directory))
  for await (const file of glob(PROGRAMS, { cwd: ROOT })) {
    const text = await readFile(path.join(ROOT, file), 'utf8')
    const name = `${hash('sha256', text)}.js`
    if (there.delete(name)) continue
    await writeWhole(path.join(directory, name), stripTypeScriptTypes(text))
  }
  const loader = stripTypeScriptTypes(await readFile(path.join(import.meta.dirname, 'stripped-loader.ts'), 'utf8'))
  const current = there.delete(LOADER) ? await readFile(path.join(directory, LOADER), 'utf8') : undefined
  if (current !== loader) await writeWhole(path.join(directory, LOADER), loader)
  for (const old of there) await rm(path.join(directory, old), { force: true })
}

/** Arguments of a runtime that shall use what is in `directory`. */
export function strippedRuntime(directory: string): readonly string[] {
  return [`--import=${pathToFileURL(path.join(directory, LOADER)).href}`]
}

/** A crash leaves the old file or the new one. */
async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 })
  await rename(`${file}.new`, file)
}

const LOADER = 'loader.mjs'
const PROGRAMS = ['libs/*/src/**/*.ts', 'services/*/src/**/*.ts', 'services/*/privileges.ts']
const ROOT = fileURLToPath(new URL('../../../..', import.meta.url)) // …/libs/bottle/src/node
