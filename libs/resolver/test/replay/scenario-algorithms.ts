// The algorithms of a scenario: ours, and where it says `fake-sha1`, those of old that nobody verifies any more, taken as good.

import { type AlgorithmTable, createAlgorithms } from '@scop/dnssec'

export function scenarioAlgorithms(fakeSha1: boolean, fakeDsa: boolean): AlgorithmTable {
  const real = createAlgorithms({ sha1Signatures: true })
  const isFake = (algorithm: number): boolean =>
    (fakeSha1 && RSA_SHA1.has(algorithm)) || (fakeDsa && DSA.has(algorithm))
  return {
    supports: (algorithm) => isFake(algorithm) || real.supports(algorithm),
    supportsDigest: (digestType) => real.supportsDigest(digestType),
    verify: (algorithm, publicKey, data, signature) =>
      // One octet stands for a signature that the scenario left out.
      isFake(algorithm)
        ? signature.length > 1
          ? 'valid'
          : 'invalid'
        : real.verify(algorithm, publicKey, data, signature),
    checkDigest: (digestType, data, digest) =>
      fakeSha1 && digestType === SHA1_DIGEST ? 'valid' : real.checkDigest(digestType, data, digest),
  }
}

const RSA_SHA1: ReadonlySet<number> = new Set([1, 5, 7])
const DSA: ReadonlySet<number> = new Set([3, 6])
const SHA1_DIGEST = 1
