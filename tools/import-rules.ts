// Who may import whom. Laws: only shells reach `node:*` (but `node:crypto`, which computes and reaches nothing);
// a library imports lower libraries that it lists; services never import each other; nothing imports the cli; no cycles.

import { isBuiltin } from 'node:module'
import path from 'node:path'
import { findCycle } from './find-cycle.ts'
import { type Import, importsOf } from './module-imports.ts'
import { type Package, type SourceFile, textOf, type Workspace } from './workspace.ts'

/** The layer of each library: it imports lower ones only. ARCHITECTURE.md has the same table in words. */
export const LAYERS: Readonly<Record<string, number>> = {
  '@scop/result': 0,
  '@scop/octets': 1,
  '@scop/identifiers': 1,
  '@scop/mime': 2,
  '@scop/sasl': 2,
  '@scop/smtp': 2,
  '@scop/dns': 2,
  '@scop/reputation': 2,
  '@scop/blobs': 2,
  '@scop/group-commit': 1,
  '@scop/git-repository': 1,
  '@scop/mesh': 3,
  '@scop/dkim': 3,
  '@scop/spf': 3,
  '@scop/arc': 4,
  '@scop/hamlet': 3,
  '@scop/dnssec': 3,
  '@scop/directory': 3,
  '@scop/zone-history': 3,
  '@scop/mail-store': 3,
  '@scop/bottle': 4,
  '@scop/resolver': 4,
  '@scop/dmarc': 4,
}

/** One line per broken rule; empty when all is well. */
export function brokenImportRules(
  workspace: Workspace,
  layers: Readonly<Record<string, number>> = LAYERS,
): readonly string[] {
  const broken: string[] = []
  const graph = new Map<string, string[]>()
  const used = new Map<Package, Set<string>>(workspace.packages.map((owner) => [owner, new Set()]))
  for (const owner of workspace.packages) {
    if (owner.kind === 'library' && layers[owner.name] === undefined) {
      broken.push(`${owner.folder}: "${owner.name}" has no layer in tools/import-rules.ts`)
    }
  }
  for (const file of workspace.files) {
    const edges: string[] = []
    graph.set(file.path, edges)
    for (const one of readImports(workspace, file, broken)) {
      const target = resolve(workspace, file, one.specifier)
      const problem = judge({ workspace, layers, file, one, target })
      if (problem !== undefined) broken.push(`${file.path}:${one.line}: "${one.specifier}" ${problem}`)
      if (target.kind === 'package' && file.zone !== 'trial') used.get(file.package)?.add(target.name)
      if (one.how === 'value' && target.file !== undefined) edges.push(target.file)
    }
  }
  for (const [owner, names] of used) {
    if (owner.kind === 'repository') continue
    for (const name of owner.dependencies) {
      if (!names.has(name)) broken.push(`${owner.folder}/package.json: lists "${name}", which no source imports`)
    }
  }
  const cycle = findCycle(graph)
  if (cycle !== undefined) broken.push(`import cycle: ${[...cycle, cycle[0]].join(' → ')}`)
  const packageCycle = findCycle(packageGraph(workspace))
  if (packageCycle !== undefined) broken.push(`packages in a cycle: ${[...packageCycle, packageCycle[0]].join(' → ')}`)
  return broken
}

type Target =
  | { readonly kind: 'relative'; readonly file: string }
  | { readonly kind: 'builtin'; readonly file: undefined }
  | {
      readonly kind: 'package'
      readonly name: string
      readonly subpath: string
      readonly owner: Package | undefined
      readonly file: string | undefined
    }

type Case = {
  readonly workspace: Workspace
  readonly layers: Readonly<Record<string, number>>
  readonly file: SourceFile
  readonly one: Import
  readonly target: Target
}

/** What is wrong with this import, as the end of a sentence. */
function judge(of: Case): string | undefined {
  switch (of.target.kind) {
    case 'relative':
      return judgeRelative(of, of.target.file)
    case 'builtin':
      return judgeBuiltin(of)
    case 'package':
      return judgePackage(of, of.target)
  }
}

function judgeRelative({ workspace, file, one }: Case, target: string): string | undefined {
  const other = workspace.files.find((candidate) => candidate.path === target)
  if (other === undefined)
    return one.specifier.endsWith('.json') ? undefined : 'is no file of the repository (imports end in .ts)'
  if (other.package !== file.package) return `leaves its package: import "${other.package.name}"`
  if (file.zone === 'pure' && other.zone === 'shell') return 'is a shell, and this file is pure'
  if (file.zone !== 'trial' && other.zone === 'trial') return 'is a test, fuzz target or bench, and this file is not'
  return undefined
}

function judgeBuiltin({ file, one }: Case): string | undefined {
  if (!one.specifier.startsWith('node:')) return 'must be written with "node:"'
  if (file.zone !== 'pure' || one.specifier === 'node:crypto') return undefined
  return 'does I/O: it belongs under src/node/'
}

function judgePackage(
  { workspace, layers, file, one, target }: Case,
  of: Target & { kind: 'package' },
): string | undefined {
  const { package: from } = file
  const { owner } = of
  if (one.how === 'path') return undefined
  if (owner !== undefined && target.file === undefined) return `is not exported by ${owner.folder}/package.json`
  if (owner?.kind === 'cli' && from.kind !== 'repository') return 'is the cli, which nothing imports'
  if (
    owner?.kind === 'service' &&
    owner !== from &&
    from.kind !== 'repository' &&
    !mayReadPrivileges(from, of.subpath)
  ) {
    return 'is a service: libraries and other services never import it'
  }
  if (from.kind === 'repository') return undefined
  if (owner?.kind === 'library' && from.kind === 'library' && owner !== from && file.zone !== 'trial') {
    const [mine, its] = [layers[from.name] ?? 0, layers[owner.name] ?? 0]
    if (its >= mine) return `is in layer ${its}, not below layer ${mine} of "${from.name}"`
  }
  // Privileges are read by path through the whole bottle, so that a new service needs no change there.
  const listed = from.dependencies.includes(of.name) || owner === from || owner?.kind === 'service'
  if (listed) return undefined
  const root = workspace.packages.find(({ kind }) => kind === 'repository')
  const forTrials = [...from.devDependencies, ...(root?.devDependencies ?? [])]
  if (file.zone === 'trial' && (forTrials.includes(of.name) || owner?.kind === 'library')) return undefined
  return `is not among the dependencies of ${from.folder}/package.json`
}

function mayReadPrivileges(from: Package, subpath: string): boolean {
  return subpath === './privileges' && (from.kind === 'cli' || from.name === '@scop/service-supervisor')
}

function resolve(workspace: Workspace, file: SourceFile, specifier: string): Target {
  if (specifier.startsWith('.')) {
    return { kind: 'relative', file: path.posix.join(path.posix.dirname(file.path), specifier) }
  }
  if (isBuiltin(specifier)) return { kind: 'builtin', file: undefined }
  const parts = specifier.split('/')
  const name = parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
  const subpath = ['.', ...parts.slice(name.split('/').length)].join('/')
  const owner = workspace.packages.find((candidate) => candidate.name === name)
  const exported = owner?.exports[subpath]
  const target = owner === undefined || exported === undefined ? undefined : path.posix.join(owner.folder, exported)
  return { kind: 'package', name, subpath, owner, file: target }
}

function readImports(workspace: Workspace, file: SourceFile, broken: string[]): readonly Import[] {
  try {
    return importsOf(textOf(workspace, file.path), file.path.endsWith('.ts'))
  } catch (error) {
    broken.push(`${file.path}: cannot be read: ${error instanceof Error ? error.message : String(error)}`)
    return []
  }
}

function packageGraph({ packages }: Workspace): ReadonlyMap<string, readonly string[]> {
  return new Map(packages.map(({ name, dependencies }) => [name, dependencies]))
}
