// `npm run mime-differences`: writes docs/mime-differences.md: other readers of mail beside ours, over hamlet-10k and the
// messages of others. What the RFC says of each kind stands in docs/mime-differences-explained.md, and is taken in whole.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { DIFFERENCE_KINDS } from '@scop/hamlet'
import {
  chooseMails,
  type Comparison,
  compareMails,
  filesUnder,
  HAMLET_10K,
  mailsOfFiles,
  openParser,
  PARSER_NAMES,
  type StoredMail,
} from '@scop/hamlet/node'

type Column = { readonly title: string; readonly comparison: Comparison; readonly tells: ReadonlySet<string> }

const MESSAGE = /\.(?:eml|msg|mail)$/
const root = fileURLToPath(new URL('../', import.meta.url))
const vectors = process.env['SCOP_VECTORS'] ?? path.join(root, '../shared/vectors')
const [limitGiven] = process.argv.slice(2)
const count = limitGiven === undefined ? HAMLET_10K.count : Number(limitGiven)

const sections = [
  {
    title: count === HAMLET_10K.count ? `hamlet-10k, ${count} messages` : `The first ${count} messages of hamlet-10k`,
    mails: () => generated(count),
  },
  ...(existsSync(vectors) ? [await foreign()] : []),
]
const parts = [
  '# How readers of mail differ',
  '',
  'Written by `npm run mime-differences`: in how many messages each reader says something else than ours, by kind. Over',
  'hamlet-10k ours is what the messages were made to mean; over the messages of others it is only our reading. A dash: the',
  'reader does not say.',
  '',
]
for (const { title, mails } of sections) parts.push(`## ${title}`, '', ...(await tableOf(mails)), '')
parts.push(readFileSync(path.join(root, 'docs/mime-differences-explained.md'), 'utf8'))
writeFileSync(path.join(root, 'docs/mime-differences.md'), parts.join('\n'))

async function tableOf(mails: () => AsyncIterable<StoredMail>): Promise<readonly string[]> {
  const columns: Column[] = []
  for (const name of PARSER_NAMES) {
    const parser = await openParser(name)
    const signal = new AbortController().signal
    const options = { examples: 3, limit: Number.MAX_SAFE_INTEGER, signal, onMails: () => undefined }
    const comparison = await compareMails(parser, mails(), options)
    await parser.close()
    columns.push({ title: name === 'ours' ? name : `${name} ${parser.version}`, comparison, tells: parser.tells })
    for (const { mail, kind, expected, read } of comparison.examples) {
      console.error([name, path.relative(vectors, mail), kind, expected, read].join(' | '))
    }
  }
  const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
  return [
    row(['', ...columns.map(({ title }) => title)]),
    `|---|${columns.map(() => '---:|').join('')}`,
    row(['messages', ...columns.map(({ comparison }) => comparison.mails)]),
    row(['read the same (line ends aside)', ...columns.map(({ comparison }) => comparison.same)]),
    ...DIFFERENCE_KINDS.map((kind) =>
      row([
        `\`${kind}\``,
        ...columns.map(({ comparison, tells }) => (tells.has(kind) ? (comparison.counts.get(kind) ?? 0) : '–')),
      ]),
    ),
  ]
}

async function* generated(mails: number): AsyncGenerator<StoredMail> {
  let place = 0
  for (const { mail } of chooseMails(mails)) yield { name: String(place++), octets: mail.octets, expected: undefined }
}

/** Files that begin as a message does. */
async function foreign(): Promise<{ title: string; mails: () => AsyncIterable<StoredMail> }> {
  const files = await filesUnder(path.join(vectors, 'mail'))
  const messages = files.filter((file) => MESSAGE.test(file) || file.includes('/real-raw/'))
  return { title: `${messages.length} messages of others`, mails: () => mailsOfFiles(messages) }
}
