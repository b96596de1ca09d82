// Tasks given to a number of worker threads, in order, each as one is free. One thread that fails ends them all.
// Heaps are bounded, so that memory does not depend on how much there is to do.

import { Worker } from 'node:worker_threads'
import type { FromWorker, Task, TaskResult } from './corpus-task.ts'

export type PoolOptions = {
  readonly jobs: number
  readonly signal: AbortSignal
  /** Messages done since the last call. */
  readonly onMails: (mails: number) => void
}

/** Calls `onResult` with each result as it comes. Rejects with the first failure, and with the reason of `signal`. */
export async function runTasks(
  tasks: Iterable<Task>,
  onResult: (result: TaskResult, task: Task) => void,
  { jobs, signal, onMails }: PoolOptions,
): Promise<void> {
  signal.throwIfAborted()
  const queue = tasks[Symbol.iterator]()
  const workers = new Set<Worker>()
  const ended = Promise.withResolvers<never>()
  const abort = (): void => ended.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    const running = Array.from({ length: jobs }, () => runWorker())
    await Promise.race([Promise.all(running), ended.promise])
  } finally {
    signal.removeEventListener('abort', abort)
    await Promise.all([...workers].map((worker) => worker.terminate()))
  }

  async function runWorker(): Promise<void> {
    const first = queue.next()
    if (first.done === true) return
    const worker = new Worker(new URL('./corpus-worker.ts', import.meta.url), { resourceLimits: HEAP })
    workers.add(worker)
    await new Promise<void>((resolve, reject) => {
      let task = first.value
      worker.on('error', reject)
      worker.on('exit', (code) => reject(new Error(`A worker ended with ${code}`)))
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'mails') return onMails(message.mails)
        if (message.kind === 'failed') {
          return reject(
            Object.assign(new Error(message.message), message.code === undefined ? {} : { code: message.code }),
          )
        }
        onResult(message.result, task)
        const next = queue.next()
        if (next.done === true) return resolve()
        task = next.value
        worker.postMessage(task)
      })
      worker.postMessage(task)
    })
  }
}

const HEAP = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 16 }
