// Builds bench/mail-parser-rs outside of the repository: without network first, then with it.

import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** The program, or why there is none. */
export function buildRustParser(): { readonly program: string } | { readonly absent: string } {
  const source = path.resolve(import.meta.dirname, '../mail-parser-rs')
  const target = path.join(tmpdir(), 'scop-bench-mail-parser')
  let said = ''
  for (const offline of [['--offline'], []]) {
    const arguments_ = ['build', '--release', '--locked', '--quiet', '--target-dir', target, ...offline]
    const { status, error, stderr } = spawnSync('cargo', arguments_, { cwd: source, encoding: 'utf8' })
    if (error !== undefined) return { absent: 'there is no cargo' }
    if (status === 0) return { program: path.join(target, 'release/scop-bench-mail-parser') }
    said = stderr.trim().split('\n')[0] ?? ''
  }
  return { absent: `cargo cannot build it: ${said}` }
}
