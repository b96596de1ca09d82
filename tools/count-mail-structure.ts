// Counts how real mails are made, for the second column of libs/hamlet/src/weights.ts. It prints numbers and names that RFCs or many senders
// have, and no word of any mail. Run: npx node tools/count-mail-structure.ts FOLDER …

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fieldsNamed, parameterNamed, parseMessage, type Part, readPartFields, walkParts } from '@scop/mime'

const counts = new Map<string, Map<string, number>>()
const sizes: number[] = []

function count(group: string, what: string): void {
  const of = counts.get(group) ?? new Map<string, number>()
  counts.set(group, of)
  of.set(what, (of.get(what) ?? 0) + 1)
}

function countPart(part: Part, octets: Uint8Array): void {
  const { contentType, transferEncoding, disposition } = readPartFields(part)
  const place = part.path.length === 0 ? 'message' : 'part'
  count(`${place}: type`, contentType === undefined ? 'none' : shortened(part.type))
  if (part.content.kind === 'multipart') {
    count('multipart: parts', `${Math.min(part.content.parts.length, 6)}`)
    const { preamble, epilogue } = part.content
    count(
      'multipart: preamble',
      preamble.end - preamble.start > 2 ? 'text' : preamble.end > preamble.start ? 'line' : 'none',
    )
    count('multipart: epilogue', epilogue.end - epilogue.start > 2 ? 'text' : 'none')
    count('multipart: boundary octets', `${Math.floor(part.content.boundary.length / 10)}0s`)
    return
  }
  count('leaf: encoding', transferEncoding ?? 'absent')
  count('leaf: disposition', disposition?.disposition ?? 'absent')
  const charset = contentType === undefined ? undefined : parameterNamed(contentType.parameters, 'charset')
  if (part.type.startsWith('text/')) count('text: charset', charset?.toLowerCase() ?? 'absent')
  for (const { value } of contentType?.parameters ?? [])
    count('parameter', /^[\w.+-]+$/.test(value) ? 'could be a token' : 'not')
  if (part.content.kind === 'leaf') {
    const { start, end } = part.content.body
    count('leaf: octets', `below ${2 ** Math.ceil(Math.log2(Math.max(end - start, 1)))}`)
    let lineStart = start
    let longest = 0
    for (let at = octets.indexOf(0x0a, start); at >= 0 && at < end; at = octets.indexOf(0x0a, at + 1)) {
      longest = Math.max(longest, at - lineStart)
      lineStart = at + 1
    }
    count('leaf: longest line', longest <= 78 ? 'to 78' : longest <= 998 ? 'to 998' : 'longer')
  }
}

/** Subtypes that one sender made up are counted as such. */
const shortened = (type: string): string => (/^[a-z]+\/[a-z0-9.+-]{1,30}$/.test(type) ? type : 'odd')

for (const folder of process.argv.slice(2)) {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })) {
    if (!name.isFile()) continue
    const octets = readFileSync(join(name.parentPath, name.name))
    const tree = parseMessage(octets)
    if (fieldsNamed(tree.root.header, 'From').length === 0) continue // no mail
    sizes.push(octets.length)
    for (const part of walkParts(tree.root)) countPart(part, octets)
    const { fields } = tree.root.header
    count('message: fields', `${Math.floor(fields.length / 10)}0s`)
    count('message: Received', `${Math.min(fieldsNamed(tree.root.header, 'Received').length, 10)}`)
    for (const wanted of new Set(fields.map((field) => field.name.toLowerCase()))) count('message: has', wanted)
    for (const field of fields) {
      const value = field.value
      count('field: lines', value.includes(0x0a) ? 'folded' : 'one')
      if (field.name.toLowerCase() === 'subject') {
        const text = new TextDecoder('latin1').decode(value)
        const word = /=\?[^?]+\?([BbQq])\?/.exec(text)
        count('subject', word === null ? (/[\x80-\xff]/.test(text) ? '8 bits' : 'plain') : `encoded ${word[1]}`)
      }
    }
  }
}

sizes.sort((a, b) => a - b)
const quantile = (percent: number): number => sizes[Math.floor((sizes.length * percent) / 100)] ?? 0
console.log(`${sizes.length} mails; octets at 10, 50, 90, 99 %: ${[10, 50, 90, 99].map(quantile).join(', ')}`)
for (const [group, of] of counts) {
  let total = 0
  for (const number of of.values()) total += number
  const most = [...of].sort((a, b) => b[1] - a[1]).slice(0, 24)
  // A name that few mails have may be somebody's own.
  const shown = most.filter(([, number]) => number * 200 >= total || group !== 'message: has')
  console.log(`${group} (${total}): ${shown.map(([what, number]) => `${what} ${number}`).join(', ')}`)
}
