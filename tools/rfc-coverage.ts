// The page docs/rfc-coverage.md: for each RFC what the READMEs say (Yes, Partial, No), which sections the code names
// and where, and what is still to do. A README states it in rows: `| RFC 5321 | Yes | note |`.

import { type SourceFile, textOf, type Workspace } from './workspace.ts'

export type Claim = { readonly rfc: number; readonly package: string; readonly state: State; readonly text: string }
type State = 'Yes' | 'Partial' | 'No'

export type Citation = { readonly rfc: number; readonly section: string | undefined; readonly file: string }
export type Todo = { readonly rfc: number; readonly file: string; readonly line: number; readonly text: string }

/** The text of docs/rfc-coverage.md. */
export function rfcCoverage(workspace: Workspace): string {
  const sources = workspace.files.filter(({ zone }) => zone !== 'trial')
  const claims = workspace.packages.flatMap(({ folder }) => claimsOf(textOf(workspace, `${folder}/README.md`), folder))
  const citations = sources.flatMap((file) => citationsOf(textOf(workspace, file.path), file.path))
  const todos = sources.flatMap((file) => todosOf(textOf(workspace, file.path), file))
  const numbers = [...new Set([...claims, ...citations, ...todos].map(({ rfc }) => rfc))].toSorted((a, b) => a - b)
  const counts = (['Yes', 'Partial', 'No'] as const).map(
    (state) => `${numbers.filter((rfc) => stateOf(claims, rfc) === state).length} ${state}`,
  )
  return [
    '# RFC coverage',
    '',
    'Made by `npm run rfc-index` from the tables of the READMEs and the comments of the code. Do not edit.',
    '',
    `${numbers.length} RFCs are named; of these, by the READMEs: ${counts.join(', ')}.`,
    '',
    '| RFC | State | Sections named in the code | To do |',
    '|---|---|---|---|',
    ...numbers.map((rfc) => row(rfc, claims, citations, todos)),
    '',
    '## To do',
    '',
    ...(todos.length === 0 ? ['Nothing is marked.'] : todos.map(({ file, text }) => `- \`${file}\`: ${text}`)),
    '',
    '## Where',
    ...numbers.flatMap((rfc) => details(rfc, claims, citations)),
    '',
  ].join('\n')
}

function row(rfc: number, claims: readonly Claim[], citations: readonly Citation[], todos: readonly Todo[]): string {
  const sections = sectionsOf(citations.filter((citation) => citation.rfc === rfc))
  const todo = todos.filter((one) => one.rfc === rfc).length
  const state = stateOf(claims, rfc) ?? '-'
  const link = `[RFC ${rfc}](https://www.rfc-editor.org/rfc/rfc${rfc})`
  return `| ${link} | ${state} | ${sections.map((section) => `§${section}`).join(' ')} | ${todo === 0 ? '' : todo} |`
}

function details(rfc: number, claims: readonly Claim[], citations: readonly Citation[]): readonly string[] {
  const files = Map.groupBy(
    citations.filter((citation) => citation.rfc === rfc),
    ({ file }) => file,
  )
  return [
    '',
    `### RFC ${rfc}`,
    '',
    ...claims.filter((claim) => claim.rfc === rfc).map((claim) => `- ${claim.package}: ${claim.text}`),
    ...[...files].map(([file, cited]) => {
      const sections = sectionsOf(cited).map((section) => ` §${section}`)
      return `- \`${file}\`${sections.join('')}`
    }),
  ]
}

/** The rows of a README whose first cell names an RFC and whose second begins with Yes, Partial or No. */
export function claimsOf(readme: string, folder: string): readonly Claim[] {
  const claims: Claim[] = []
  for (const line of readme.split('\n')) {
    const [, first, second, ...notes] = line.split('|').map((cell) => cell.trim())
    const state = STATES.find((word) => second?.startsWith(word))
    if (first === undefined || state === undefined) continue
    const text = [first, second, ...notes.filter((note) => note !== '')].join(' | ').replaceAll(' | ', ': ')
    for (const rfc of new Set([...first.matchAll(RFC)].map(([, number]) => Number(number)))) {
      claims.push({ rfc, package: folder, state, text })
    }
  }
  return claims
}

/** Each `RFC n §s` in the comments of `text`; a section belongs to the RFC named last before it. */
export function citationsOf(text: string, file: string): readonly Citation[] {
  const citations: Citation[] = []
  for (const block of commentBlocks(text)) {
    let rfc: number | undefined
    for (const [, number, section] of block.matchAll(RFC_OR_SECTION)) {
      if (number !== undefined) {
        rfc = Number(number)
        citations.push({ rfc, section: undefined, file })
      } else if (rfc !== undefined && section !== undefined) {
        citations.push({ rfc, section, file })
      }
    }
  }
  return citations
}

/** Lines `// todo RFC n §s: what`. */
export function todosOf(text: string, { path }: Pick<SourceFile, 'path'>): readonly Todo[] {
  return text.split('\n').flatMap((line, index) => {
    const found = TODO.exec(line)
    return found === null ? [] : [{ rfc: Number(found[2]), file: path, line: index + 1, text: found[1] ?? '' }]
  })
}

/** Comments; lines that follow each other are one. */
function commentBlocks(text: string): readonly string[] {
  const blocks: string[] = []
  let inside = false
  for (const line of text.split('\n')) {
    const comment = COMMENT.exec(line)?.[1]
    const isWhole = /^\s*(?:\/\/|\/\*|\*)/.test(line)
    if (comment === undefined) inside = false
    else if (inside && isWhole) blocks.push(`${blocks.pop() ?? ''}\n${comment}`)
    else {
      blocks.push(comment)
      inside = isWhole
    }
  }
  return blocks
}

/** The weakest claim: one library's gap is the project's gap, where the same RFC is told by several. */
function stateOf(claims: readonly Claim[], rfc: number): State | undefined {
  const states = new Set(claims.filter((claim) => claim.rfc === rfc).map(({ state }) => state))
  if (states.size > 1) return 'Partial'
  return [...states][0]
}

function sectionsOf(citations: readonly Citation[]): readonly string[] {
  const sections = new Set(citations.flatMap(({ section }) => section ?? []))
  return [...sections].toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

const STATES = ['Yes', 'Partial', 'No'] as const
const RFC = /\bRFC (\d{1,5})\b/g
const RFC_OR_SECTION = /\bRFC (\d{1,5})\b|§((?:\d+|[A-Z])(?:\.\d+)*)(?![\w])/g
const COMMENT = /(?:^|\s)(?:\/\/|\/\*\*?|^\s*\*)\s?(.*)$/
const TODO = /\/\/\s*todo (RFC (\d{1,5})\b.*)$/
