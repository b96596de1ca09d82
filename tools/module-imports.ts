// What one module imports, read from its text.

import { stripTypeScriptTypes } from 'node:module'
import { type Identifier, type Literal, parse } from 'acorn'
import { simple } from 'acorn-walk'

export type Import = {
  readonly specifier: string
  /**
   * `value`: loaded with the module. `type`: gone at run time. `lazy`: `import()`.
   * `path`: only where the file is (`import.meta.resolve`, `require.resolve`), to start it as a process.
   */
  readonly how: 'value' | 'type' | 'lazy' | 'path'
  /** The names taken, as the other module calls them; empty for all but `value`. */
  readonly names: readonly string[]
  readonly line: number
}

/** Throws a SyntaxError where the module cannot be read. */
export function importsOf(text: string, isTypeScript: boolean): readonly Import[] {
  const source = text.startsWith('#!') ? `//${text.slice(2)}` : text
  const code = isTypeScript ? stripTypeScriptTypes(source) : source
  const imports: Import[] = []
  const add = (how: Import['how'], specifier: unknown, at: number, names: readonly string[] = []): void => {
    if (typeof specifier === 'string') imports.push({ specifier, how, names, line: lineOf(code, at) })
  }
  const program = parse(code, { ecmaVersion: 'latest', sourceType: 'module' })
  simple(program, {
    ImportDeclaration({ source, start, specifiers }) {
      const names = specifiers.flatMap((one) => (one.type === 'ImportSpecifier' ? [nameOf(one.imported)] : []))
      add('value', source.value, start, names)
    },
    ExportAllDeclaration: ({ source, start }) => add('value', source.value, start),
    ExportNamedDeclaration: ({ source, start }) => add('value', source?.value, start),
    ImportExpression: ({ source, start }) => add('lazy', source.type === 'Literal' ? source.value : undefined, start),
    CallExpression({ callee, arguments: [first], start }) {
      if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return
      if (callee.property.name !== 'resolve' || first?.type !== 'Literal') return
      if (typeof first.value === 'string' && BARE.test(first.value)) add('path', first.value, start)
    },
  })
  // Stripping leaves blanks where types were: a type import is one whose place is blank in the code.
  if (isTypeScript) {
    for (const found of source.matchAll(TYPE_IMPORT)) {
      if (code.slice(found.index, found.index + found[0].length).trim() === '') add('type', found[1], found.index)
    }
  }
  return imports.toSorted((a, b) => a.line - b.line)
}

function nameOf(node: Identifier | Literal): string {
  return node.type === 'Identifier' ? node.name : String(node.value)
}

function lineOf(code: string, at: number): number {
  return code.slice(0, at).split('\n').length
}

const BARE = /^@?[a-z]/
const TYPE_IMPORT = /^(?:import|export)\s+type\s[^'";]*?from\s+['"]([^'"\n]+)['"]/gm
