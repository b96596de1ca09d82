// PowerDNS's regression tests as they are written: a shell script of questions and updates, and what it should print.

import { spawnSync } from 'node:child_process'

export type PdnsStep =
  | {
      readonly kind: 'ask'
      readonly owner: string
      readonly type: string
      readonly options: ReadonlySet<string>
      /** The filters behind the question, for a shell. */
      readonly filter: string
    }
  | { readonly kind: 'update'; readonly lines: readonly string[] }

/** `undefined`: the script does more than ask and update. */
export function readScript(text: string): readonly PdnsStep[] | undefined {
  const variables = new Map<string, string>()
  const steps: PdnsStep[] = []
  const lines = text.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const line = (lines[i] ?? '').replace(/\$(\w+)/g, (whole, name: string) => variables.get(name) ?? whole).trim()
    const assigned = /^(\w+)=([\w.-]+)$/.exec(line)
    const [command, filter = ''] = cut(line, '|')
    const words = [...command.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''))
    if (assigned !== null) variables.set(assigned[1] ?? '', assigned[2] ?? '')
    else if (words[0] === 'cleandig' || words[1] === 'cleandig') {
      const [owner = '', type = '', ...options] = words.slice(words.indexOf('cleandig') + 1)
      steps.push({ kind: 'ask', owner, type, options: new Set(options), filter })
    } else if (words[0] === 'cleannsupdate') {
      const until = line.slice(line.indexOf('<<') + 2).trim()
      const update: string[] = []
      for (i++; i < lines.length && lines[i] !== until; i++)
        update.push((lines[i] ?? '').replace(/\$(\w+)/g, (whole, name: string) => variables.get(name) ?? whole))
      steps.push({ kind: 'update', lines: update })
    } else if (line !== '' && !/^(#|echo\b|mysqldiff\b)/.test(line)) return undefined
  }
  return steps
}

/** What the filters leave of `text`. */
export function filtered(text: string, filter: string): string {
  if (filter.trim() === '') return text
  return spawnSync('sh', ['-c', filter], { input: Buffer.from(text, 'latin1') }).stdout.toString('latin1')
}

/** What is compared: the records and states of each answer in any order, the results of updates; nothing that their database says. */
export function outcomes(text: string, form: (record: string) => string): readonly string[] {
  const blocks: string[] = []
  let block: string[] = []
  const close = (last: string): void => {
    blocks.push([...block.sort(), last].join('\n'))
    block = []
  }
  for (const line of text.split('\n')) {
    const header = /^Rcode: (\d+).*TC: (\d), AA: (\d)/.exec(line)
    const update = /opcode: UPDATE, status: (\w+)/.exec(line)
    if (/^\d\t/.test(line)) {
      if (!/\tOPT\t/.test(line)) block.push(form(line))
    } else if (header !== null) close(`rcode ${header[1]} tc ${header[2]} aa ${header[3]}`)
    else if (update !== null) close(`update ${update[1]}`)
  }
  if (block.length > 0) close('')
  return blocks
}

function cut(text: string, by: string): readonly [string, string?] {
  const at = text.indexOf(by)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
