// A thread of a run: does one task after the other.

import { parentPort } from 'node:worker_threads'
import { checkMails } from './check-mails.ts'
import type { FromWorker, Task, TaskResult } from './corpus-task.ts'
import { writeShard } from './write-shard.ts'

const port = parentPort
if (port === null) throw new Error('This file is run as a thread')
const say = (message: FromWorker): void => port.postMessage(message)

port.on('message', (task: Task) => {
  perform(task, (mails) => say({ kind: 'mails', mails })).then(
    (result) => say({ kind: 'result', result }),
    (error: unknown) => {
      const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
      // Where the system has a reason it is for the user; anything else is a mistake of ours, with its place.
      const message =
        error instanceof Error ? (code === undefined ? (error.stack ?? error.message) : error.message) : String(error)
      say({ kind: 'failed', message, code })
    },
  )
})

async function perform(task: Task, onMails: (mails: number) => void): Promise<TaskResult> {
  if (task.kind === 'write-shard') return { kind: 'shard-written', record: await writeShard(task.shard, onMails) }
  return { kind: 'checked', summary: await checkMails(task.check, onMails) }
}
