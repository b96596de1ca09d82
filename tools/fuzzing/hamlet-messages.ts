// Mails of the generator Hamlet, to begin with. Loaded only when asked for: what is loaded before the instrumentation
// would not be instrumented.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Mail number `index` of those of `seed`; undefined where the repository has no Hamlet. */
export async function hamletMessages(seed: number): Promise<((index: number) => Uint8Array) | undefined> {
  const entry = fileURLToPath(new URL('../../libs/hamlet/src/index.ts', import.meta.url))
  if (!existsSync(entry)) return undefined
  const { generateMail } = (await import(entry)) as Hamlet // as: what it exports
  return (index) => new Uint8Array(generateMail(seed, index).octets)
}

type Hamlet = { readonly generateMail: (seed: number, index: number) => { readonly octets: Uint8Array } }
