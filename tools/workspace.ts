// The packages of the repository and their files, as the checks see them.

import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'

export type Kind = 'library' | 'service' | 'cli' | 'repository'

export type Package = {
  readonly name: string
  readonly kind: Kind
  /** Relative to the root: `libs/mime`; `.` for the repository's own tools, tests and benches. */
  readonly folder: string
  readonly dependencies: readonly string[]
  readonly devDependencies: readonly string[]
  /** Subpath → file, as package.json says: `./node` → `./src/node/index.ts`. */
  readonly exports: Readonly<Record<string, string>>
}

/**
 * What a file is for. `pure`: a library without I/O. `shell`: the I/O of a library, a service, the cli.
 * `trial`: tests, fuzz targets, benches, and the repository's tools.
 */
export type Zone = 'pure' | 'shell' | 'trial'

export type SourceFile = {
  /** Relative to the root, with `/`. */
  readonly path: string
  readonly package: Package
  readonly zone: Zone
}

export type Workspace = {
  readonly root: string
  readonly packages: readonly Package[]
  readonly files: readonly SourceFile[]
}

export function readWorkspace(root: string): Workspace {
  const packages = [
    ...globSync('libs/*/package.json', { cwd: root }).map((file) => readPackage(root, file, 'library')),
    ...globSync('services/*/package.json', { cwd: root }).map((file) => readPackage(root, file, 'service')),
    ...globSync('cli/package.json', { cwd: root }).map((file) => readPackage(root, file, 'cli')),
  ].toSorted((a, b) => a.folder.localeCompare(b.folder))
  const repository = readPackage(root, 'package.json', 'repository')
  const files = [
    ...packages.flatMap((owner) => filesBelow(root, owner, [`${owner.folder}/**/*.{ts,mjs}`])),
    ...filesBelow(root, repository, ['{tools,tests,bench}/**/*.{ts,mjs}']),
  ]
  return { root, packages: [...packages, repository], files }
}

function filesBelow(root: string, owner: Package, patterns: readonly string[]): readonly SourceFile[] {
  const found = globSync(patterns, { cwd: root, exclude: (name) => name === 'node_modules' || name === 'dist' })
  return found.toSorted().map((file) => {
    const slashed = file.replaceAll(path.sep, '/')
    return { path: slashed, package: owner, zone: zoneOf(slashed, owner) }
  })
}

function zoneOf(file: string, { kind, folder }: Package): Zone {
  if (kind === 'repository') return 'trial'
  const inside = file.slice(folder.length + 1)
  if (/^(?:test|fuzz|bench)\//.test(inside)) return 'trial'
  return kind === 'library' && !inside.startsWith('src/node/') ? 'pure' : 'shell'
}

function readPackage(root: string, file: string, kind: Kind): Package {
  const fields: unknown = JSON.parse(readFileSync(path.join(root, file), 'utf8'))
  const { name, dependencies, devDependencies, exports } = record(fields)
  return {
    name: String(name),
    kind,
    folder: path.dirname(file).replaceAll(path.sep, '/'),
    dependencies: Object.keys(record(dependencies)),
    devDependencies: Object.keys(record(devDependencies)),
    exports: Object.fromEntries(Object.entries(record(exports)).map(([key, value]) => [key, String(value)])),
  }
}

/** The text of `file`, relative to the root; empty where there is none. */
export function textOf({ root }: Workspace, file: string): string {
  const absolute = path.join(root, file)
  return existsSync(absolute) ? readFileSync(absolute, 'utf8') : ''
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
