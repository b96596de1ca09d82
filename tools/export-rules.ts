// What a library shows: its names listed one by one, each in the README, each entry of package.json a file.

import { existsSync } from 'node:fs'
import path from 'node:path'
import { type Package, textOf, type Workspace } from './workspace.ts'

/** One line per broken rule; empty when all is well. */
export function brokenExportRules(workspace: Workspace): readonly string[] {
  return workspace.packages.flatMap((owner) => {
    const missing = Object.entries(owner.exports)
      .filter(([, file]) => !existsSync(path.join(workspace.root, owner.folder, file)))
      .map(([subpath, file]) => `${owner.folder}/package.json: "${subpath}" is ${file}, which is not there`)
    return owner.kind === 'library' ? [...missing, ...brokenInLibrary(workspace, owner)] : missing
  })
}

function brokenInLibrary(workspace: Workspace, owner: Package): readonly string[] {
  const broken: string[] = []
  const readmeFile = `${owner.folder}/README.md`
  const readme = textOf(workspace, readmeFile)
  if (readme === '') broken.push(`${owner.folder}: has no README.md`)
  const words = new Set(readme.match(/[A-Za-z_$][\w$]*/g))
  for (const file of new Set(Object.values(owner.exports))) {
    const at = path.posix.join(owner.folder, file)
    const exported = exportsOf(textOf(workspace, at))
    if (exported.stars.length > 0) broken.push(`${at}: "export *" hides what is public; list the names`)
    for (const { name, from, original } of exported.names) {
      if (readme !== '' && !words.has(name)) broken.push(`${readmeFile}: does not mention "${name}" of ${file}`)
      if (from === undefined || !from.startsWith('.')) continue
      const source = path.posix.join(path.posix.dirname(at), from)
      const declared = exportsOf(textOf(workspace, source)).names.map((one) => one.name)
      if (!declared.includes(original)) broken.push(`${at}: "${original}" is not exported by ${source}`)
    }
  }
  return broken
}

type ExportedName = { readonly name: string; readonly from: string | undefined; readonly original: string }

type Exported = {
  readonly names: readonly ExportedName[]
  readonly stars: readonly string[]
}

/** The names that a module exports, by its text. */
export function exportsOf(text: string): Exported {
  const code = text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '') // whole-line comments
  const names: ExportedName[] = []
  for (const [, name = ''] of code.matchAll(DECLARATION)) names.push({ name, from: undefined, original: name })
  for (const [, list = '', from] of code.matchAll(LIST)) {
    for (const item of list.split(',')) {
      const [, original, renamed] = ITEM.exec(item) ?? []
      if (original !== undefined) names.push({ name: renamed ?? original, from, original })
    }
  }
  return { names, stars: [...code.matchAll(STAR)].map(([line]) => line) }
}

const DECLARATION =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|let|class|type|interface) ([A-Za-z_$][\w$]*)/gm
const LIST = /^export (?:type )?\{([^}]*)\}(?: from ['"]([^'"\n]+)['"])?/gm
const ITEM = /^\s*(?:type )?([A-Za-z_$][\w$]*)(?: as ([A-Za-z_$][\w$]*))?\s*$/
const STAR = /^export (?:type )?\*.*$/gm
