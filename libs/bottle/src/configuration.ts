// bottle.yaml: read with every mistake at its line, edited without losing a comment.

import { err, ok, type Result } from '@scop/result'
import * as v from 'valibot'
import { type Document, isMap, isNode, LineCounter, parseDocument, visit } from 'yaml'
import { checkReferences } from './configuration-references.ts'
import { CONFIGURATION, type Configuration } from './settings.ts'

export type ConfigurationError = {
  readonly kind: 'not-yaml' | 'bad-value' | 'unknown-key' | 'missing-key'
  readonly line: number
  readonly column: number
  /** `limits.recipients` */
  readonly key: string
  readonly reason: string
}

/** All mistakes of a file at once, in the order of their lines. */
export function parseConfiguration(text: string): Result<Configuration, readonly ConfigurationError[]> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false })
  if (document.errors.length > 0) {
    return err(
      document.errors.map((error) => {
        const at = lines.linePos(error.pos[0])
        return { kind: 'not-yaml', line: at.line, column: at.col, key: '', reason: error.message }
      }),
    )
  }
  let alias: number | undefined
  visit(document, { Alias: (_, node) => void (alias ??= node.range?.[0] ?? 0) })
  if (alias !== undefined) {
    // An alias can stand for more than a file this size has room for; nothing here needs one.
    const at = lines.linePos(alias)
    return err([{ kind: 'not-yaml', line: at.line, column: at.col, key: '', reason: 'aliases are not taken here' }])
  }
  const parsed = v.safeParse(CONFIGURATION, document.toJS() ?? {})
  if (parsed.success) {
    const wrong = checkReferences(parsed.output).map(({ path, reason }): ConfigurationError => {
      const at = lines.linePos(offsetOf(document, path, false))
      return { kind: 'bad-value', line: at.line, column: at.col, key: path.join('.'), reason }
    })
    return wrong.length === 0 ? ok(parsed.output) : err(wrong.sort((a, b) => a.line - b.line))
  }
  const errors = parsed.issues.map((issue): ConfigurationError => {
    const path = (issue.path ?? []).map((item) => String(item.key))
    const unknown = issue.type === 'strict_object' && issue.expected === 'never'
    const missing = issue.type === 'strict_object' && issue.received === 'undefined'
    const at = lines.linePos(offsetOf(document, path, unknown))
    const key = path.join('.')
    const kind = unknown ? 'unknown-key' : missing ? 'missing-key' : 'bad-value'
    const reason = unknown ? `unknown key "${key}"` : missing ? `"${key}" is missing` : issue.message
    return { kind, line: at.line, column: at.col, key, reason }
  })
  return err(errors.sort((a, b) => a.line - b.line))
}

/** `bottle.yaml:12:5: unknown key "limits.recipient"` */
export function formatConfigurationError(file: string, error: ConfigurationError): string {
  const key = error.kind === 'bad-value' && error.key !== '' ? `${error.key}: ` : ''
  return `${file}:${error.line}:${error.column}: ${key}${error.reason}`
}

/** The text with `path` set to `value`; comments and order stay. */
export function editConfiguration(text: string, path: readonly string[], value: unknown): string {
  const document = parseDocument(text)
  document.setIn(path, value)
  return document.toString({ lineWidth: 120 })
}

function offsetOf(document: Document, path: readonly string[], ofKey: boolean): number {
  // The deepest node of the path that exists; for an unknown key, the key rather than its value.
  for (let depth = path.length; depth >= 0; depth--) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true)
    if (depth === path.length && ofKey) {
      const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
      const pair = isMap(parent) ? parent.items.find((item) => String(item.key) === path.at(-1)) : undefined
      if (isNode(pair?.key) && pair.key.range) return pair.key.range[0]
    }
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}
