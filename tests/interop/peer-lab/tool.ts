// Programs of others that run once and answer: dig, nsupdate, dnssec-verify and their like.

import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import path from 'node:path'

export type Said = { readonly code: number | null; readonly out: string; readonly errors: string }

/** Where the program is; `undefined` if it is not installed. Daemons lie in directories that not every PATH has. */
export function programPath(name: string): string | undefined {
  const places = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/bin']
  return places
    .map((place) => path.join(place, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/** Runs it to its end; a program that ends with another code than 0 is an answer, not an error. */
export function tool(
  name: string,
  arguments_: readonly string[],
  { input = '', directory, limitMs = 30_000 }: { input?: string; directory?: string; limitMs?: number } = {},
): Promise<Said> {
  const program = programPath(name)
  if (program === undefined) throw new Error(`Cannot run ${name}: not installed`)
  return new Promise((resolve, reject) => {
    const child = spawn(program, arguments_, {
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: limitMs,
      ...(directory !== undefined && { cwd: directory }),
    })
    const [out, errors]: [Buffer[], Buffer[]] = [[], []]
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    child.once('error', reject)
    child.once('close', (code) =>
      resolve({ code, out: Buffer.concat(out).toString(), errors: Buffer.concat(errors).toString() }),
    )
    child.stdin.on('error', () => undefined) // one that has ended reads no more
    child.stdin.end(input)
  })
}

/** As `tool`; throws with what it said unless it ended with 0. */
export async function toolOrFail(...given: Parameters<typeof tool>): Promise<string> {
  const { code, out, errors } = await tool(...given)
  if (code !== 0)
    throw new Error(`${given[0]} ${given[1].join(' ')} ended with ${code ?? 'a signal'}:\n${errors}${out}`)
  return out
}
