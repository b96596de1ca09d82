// Blob names: the SHA-256 of the octets, as 64 lower-case hexadecimal digits. The name proves the content.
// FIPS 180-4 §6.2

import { createHash, type Hash, hash } from 'node:crypto'
import { err, ok, type Result } from '@scop/result'

declare const brand: unique symbol

/** 64 lower-case hexadecimal digits. */
export type BlobId = string & { readonly [brand]: 'BlobId' }

export type BlobIdError = { readonly kind: 'not-a-blob-id'; readonly text: string }

export function parseBlobId(text: string): Result<BlobId, BlobIdError> {
  return BLOB_ID.test(text) ? ok(text as BlobId) : err({ kind: 'not-a-blob-id', text }) // as: the parser makes the brand
}

/** The name of `octets`. */
export function blobIdOf(octets: Uint8Array): BlobId {
  return hash('sha256', octets, 'hex') as BlobId // as: a SHA-256 in hexadecimal is what the brand says
}

/** The name of octets that come in pieces. */
export class BlobIdBuilder {
  readonly #hash: Hash = createHash('sha256')

  append(chunk: Uint8Array): void {
    this.#hash.update(chunk)
  }

  /** Once, after the last piece. */
  finish(): BlobId {
    return this.#hash.digest('hex') as BlobId // as: see blobIdOf
  }
}

const BLOB_ID = /^[0-9a-f]{64}$/
