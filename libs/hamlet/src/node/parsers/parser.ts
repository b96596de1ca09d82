// A reader of mail as the comparison drives it.

import type { DifferenceKind } from '../../differences.ts'
import type { Reading } from '../../reading.ts'

export type MailParser = {
  readonly name: ParserName
  readonly version: string
  /** What it says anything of. */
  readonly tells: ReadonlySet<DifferenceKind>
  /** Rejects where the parser gives an error. */
  read(octets: Uint8Array): Promise<Reading>
  close(): Promise<void>
}

export const PARSER_NAMES = ['ours', 'postal-mime', 'mailparser', 'python'] as const
export type ParserName = (typeof PARSER_NAMES)[number]

/** The parser is not there; `install` says how it comes. */
export class ParserMissing extends Error {
  readonly install: string

  constructor(name: string, install: string) {
    super(`Cannot load ${name}`)
    this.install = install
  }
}

/** Foreign parsers are no dependency: their modules are loaded by name, where somebody installed them. */
export async function loadModule(name: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const loaded: unknown = await import(name)
    return { ...(typeof loaded === 'object' ? loaded : {}) }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
      throw new ParserMissing(name, `npm install --no-save ${name}`)
    }
    throw error
  }
}

export async function versionOf(name: string): Promise<string> {
  const { createRequire } = await import('node:module')
  const { readFile } = await import('node:fs/promises')
  const entry = createRequire(import.meta.url).resolve(name)
  const folder = entry.slice(0, entry.lastIndexOf(`/${name}/`) + name.length + 2)
  // as: the one key is checked below
  const manifest = JSON.parse(await readFile(`${folder}package.json`, 'utf8')) as { readonly version?: unknown }
  return String(manifest.version)
}
