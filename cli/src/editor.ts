// The operator's own editor on a text: in a file that only the operator can read, gone when the editor has ended.

import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { EXIT, Failure } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** The text as it was left. `name` is the file's. */
export async function editText(terminal: Terminal, name: string, text: string): Promise<string> {
  const { environment } = terminal
  const editor = environment['VISUAL'] ?? environment['EDITOR']
  if (editor === undefined || editor === '')
    throw new Failure('no-editor', 'Cannot edit: neither VISUAL nor EDITOR names a program', {
      exit: EXIT.usage,
      next: 'EDITOR=nano scop dns zone edit ZONE, or give a file',
    })
  const directory = await mkdtemp(path.join(tmpdir(), 'scop-edit-'))
  try {
    const file = path.join(directory, name)
    await writeFile(file, text, { mode: 0o600, encoding: 'latin1' })
    // By the shell, as EDITOR may have arguments; the file's name is not part of its text.
    const code = await new Promise<number | null>((resolve, reject) => {
      const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'scop', file], { stdio: 'inherit' })
      child.once('error', reject)
      child.once('close', resolve)
    })
    if (code !== 0)
      throw new Failure('editor-failed', `The editor ended with ${code ?? 'a signal'}; nothing is changed`)
    return await readFile(file, 'latin1')
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
