// Blobs: octets kept under the name that their content gives them.
// Law: whoever knows a name may rely on its octets, also after a power cut; what nobody was told may be lost.

import type { Result } from '@scop/result'
import type { BlobId } from './blob-id.ts'

export type BlobLimits = {
  /** Octets of the largest blob; one more is `too-large`. */
  readonly blobOctets: number
  /** Octets kept in memory for each write under way; a larger blob goes through a spool file. */
  readonly memoryOctets: number
}

export const BLOB_LIMITS: BlobLimits = { blobOctets: 1024 ** 3, memoryOctets: 128 * 1024 }

export type BlobError =
  | { readonly kind: 'no-space' }
  | { readonly kind: 'too-many-open-files' }
  | { readonly kind: 'too-large'; readonly limitOctets: number }
  | { readonly kind: 'absent'; readonly id: BlobId }
  /** What is on disk under this name is not what the name says. */
  | { readonly kind: 'damaged'; readonly id: BlobId }
  | { readonly kind: 'file-system'; readonly code: string; readonly doing: string }

/** What a stream of `read` throws: `error.reason` says why. */
export class BlobReadError extends Error {
  readonly reason: BlobError
  constructor(reason: BlobError) {
    super(`Cannot read a blob: ${JSON.stringify(reason)}`)
    this.reason = reason
  }
}

export type WrittenBlob = {
  readonly id: BlobId
  readonly octets: number
  /** Until this is called, `remove` answers `held`: call it when a durable index names the blob, or will not. */
  readonly release: () => void
}

export type Blobs = {
  /**
   * Keeps the octets, and answers when they and their name are durable. Rejects only with what `octets` rejects with.
   * The same octets twice are one blob. After an error nothing is left behind.
   */
  write(octets: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Result<WrittenBlob, BlobError>>
  /** Octets as they are read; throws `BlobReadError` at the end if they are not what the name says. */
  read(id: BlobId): AsyncIterable<Uint8Array>
  has(id: BlobId): Promise<boolean>
  /** `held`: somebody has just written the same octets and not yet released them. */
  remove(id: BlobId): Promise<Result<'removed' | 'absent' | 'held', BlobError>>
  /** Every name on disk, also of blobs that a crash cut short: whoever keeps the index removes what it does not know. */
  ids(): AsyncIterable<BlobId>
}
