// A process that changes the directory at argv[2] until it is killed, and prints each commit once it is durable.

import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import { openDirectory } from '../../src/node/index.ts'
import { address, CHEAP, domain, mailbox } from '../fixtures.ts'

const [path = '', run = '', count = 'Infinity'] = process.argv.slice(2)
const opened = await openDirectory({
  path,
  now: Date.now,
  randomOctets: (octets) => randomBytes(octets),
  limits: CHEAP,
})
if (!opened.ok) throw new Error(JSON.stringify(opened.error))
const directory = opened.value
const because = { author: 'changer', reason: run }
await directory.change(because, [{ kind: 'add-domain', domain: domain('one.example') }])
for (let i = 0; i < Number(count); i++) {
  const alias = address(`run${run}.${i}@one.example`)
  const made = await directory.change(because, [
    { kind: 'add-alias', alias, targets: [mailbox('x@elsewhere.example')] },
  ])
  if (!made.ok) throw new Error(JSON.stringify(made.error))
  writeSync(1, `${alias}\n`)
}
