export { BlobIdBuilder, blobIdOf, parseBlobId } from './blob-id.ts'
export type { BlobId, BlobIdError } from './blob-id.ts'
export { BLOB_LIMITS, BlobReadError } from './blobs.ts'
export type { BlobError, BlobLimits, Blobs, WrittenBlob } from './blobs.ts'
