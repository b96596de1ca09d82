// The root's key-signing keys, as IANA publishes them: KSK-2017 and KSK-2024. From here on RFC 5011 follows them.
// RFC 7958 §2 (data.iana.org/root-anchors/root-anchors.xml), RFC 9718

import { DS, makeRecord, type ResourceRecord, ROOT } from '@scop/dns'

const DIGESTS: readonly (readonly [number, string])[] = [
  [20326, 'e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d'],
  [38696, '683d2d0acb8c9b712a1948b27f741219298d0a450d612c483af444a4c0fb2b16'],
]

/** DS records of the root zone. */
export const ROOT_ANCHORS: readonly ResourceRecord[] = DIGESTS.map(([keyTag, digest]) =>
  makeRecord(DS, ROOT, 172_800, { keyTag, algorithm: 8, digestType: 2, digest: Uint8Array.fromHex(digest) }),
)
