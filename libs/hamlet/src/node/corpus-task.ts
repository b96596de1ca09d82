// What the threads of a run are asked, and what they answer.

import type { CheckSummary, CheckTask } from './check-mails.ts'
import type { ShardRecord, ShardTask } from './write-shard.ts'

export type Task =
  | { readonly kind: 'write-shard'; readonly shard: ShardTask }
  | { readonly kind: 'check'; readonly check: CheckTask }

export type TaskResult =
  | { readonly kind: 'shard-written'; readonly record: ShardRecord }
  | { readonly kind: 'checked'; readonly summary: CheckSummary }

export type FromWorker =
  | { readonly kind: 'mails'; readonly mails: number }
  | { readonly kind: 'result'; readonly result: TaskResult }
  | { readonly kind: 'failed'; readonly message: string; readonly code: string | undefined }
