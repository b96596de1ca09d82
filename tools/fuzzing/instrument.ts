// Counts which branches of the code under test are taken: a counter is put into every branch when its module is loaded.

import { readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type Node, parse } from 'acorn'
import { full } from 'acorn-walk'
import MagicString from 'magic-string'

export type Coverage = {
  /** How often each branch was taken by the last input, modulo 256. */
  readonly counters: Uint8Array
  /** How many branches have a counter; their indices are 0 to `branches` - 1. */
  branches: number
  /** String literals of the code: words that its grammar knows. */
  readonly words: Set<string>
}

declare global {
  // oxlint-disable-next-line no-var -- a property of globalThis, which the instrumented modules read
  var scopFuzzCounters: Uint8Array | undefined
}

/** Instruments modules below `folder` that are loaded from now on in this thread. */
export function instrumentModules(folder: string): Coverage {
  const coverage: Coverage = { counters: new Uint8Array(MOST_BRANCHES), branches: 0, words: new Set() }
  globalThis.scopFuzzCounters = coverage.counters
  registerHooks({
    load(url, context, nextLoad) {
      if (!url.startsWith('file:') || !fileURLToPath(url).startsWith(folder)) return nextLoad(url, context)
      const source = instrument(stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8')), coverage)
      return { format: 'module', source, shortCircuit: true }
    },
  })
  return coverage
}

/** `code` with a counter in every branch. Line numbers stay. */
export function instrument(code: string, coverage: Coverage): string {
  const changed = new MagicString(code)
  const count = (): string => `scopC[${coverage.branches++ % MOST_BRANCHES}]++`
  const countBefore = ({ start, end }: Node): void => {
    changed.appendRight(start, `(${count()},`)
    changed.appendLeft(end, ')')
  }
  const countIn = (statement: Node): void => {
    if (statement.type === 'BlockStatement') {
      changed.appendRight(statement.start + 1, `${count()};`)
      return
    }
    changed.appendRight(statement.start, `{${count()};`)
    changed.appendLeft(statement.end, '}')
  }
  // Children come before their parents, so that what ends at the same place closes in the right order.
  full(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }), (node) => {
    visit(node as Branch, { count, countBefore, countIn, changed, words: coverage.words }) // as: acorn's own union lacks a common tag type
  })
  changed.prepend('const scopC = globalThis.scopFuzzCounters;')
  return changed.toString()
}

type Tools = {
  readonly count: () => string
  readonly countBefore: (expression: Node) => void
  readonly countIn: (statement: Node) => void
  readonly changed: MagicString
  readonly words: Set<string>
}

/** The parts of acorn's nodes that branch. */
type Branch =
  | { type: 'IfStatement'; end: number; consequent: Node; alternate: Node | null }
  | {
      type: 'WhileStatement' | 'DoWhileStatement' | 'ForStatement' | 'ForOfStatement' | 'ForInStatement' | 'CatchClause'
      body: Node
    }
  | { type: 'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression'; body: Node }
  | { type: 'ConditionalExpression'; consequent: Node; alternate: Node }
  | { type: 'LogicalExpression'; right: Node }
  | { type: 'SwitchCase'; consequent: Node[] }
  | { type: 'Literal'; value: unknown }

function visit(node: Branch, { count, countBefore, countIn, changed, words }: Tools): void {
  switch (node.type) {
    case 'IfStatement':
      countIn(node.consequent)
      if (node.alternate === null) changed.appendLeft(node.end, ` else {${count()}}`)
      else countIn(node.alternate)
      break
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'ForStatement':
    case 'ForOfStatement':
    case 'ForInStatement':
    case 'CatchClause':
      countIn(node.body)
      break
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      if (node.body.type === 'BlockStatement') countIn(node.body)
      break
    case 'ConditionalExpression':
      countBefore(node.consequent)
      countBefore(node.alternate)
      break
    case 'LogicalExpression':
      countBefore(node.right)
      break
    case 'SwitchCase':
      if (node.consequent[0] !== undefined) changed.appendRight(node.consequent[0].start, `${count()};`)
      break
    case 'Literal':
      if (typeof node.value === 'string' && node.value !== '' && node.value.length <= LONGEST_WORD)
        words.add(node.value)
      break
  }
}

const MOST_BRANCHES = 1 << 16
const LONGEST_WORD = 32
