// The signer of denials that are made while the asker waits; the zone itself is signed beforehand, but has no chain.
// RFC 4470 §5 (online keys), RFC 9824 §3, RFC 7129 §B

import type { Name, OnlineSigner, RRset, Zone } from '@scop/dns'
import { signatureRrset } from './sign-rrset.ts'
import type { SignatureBudget } from './signature-budget.ts'
import type { SigningPolicy, ZoneKeys } from './signing-policy.ts'

export type OnlineSigning = {
  /** `compact` says "no records" where there is no name; `nsec3` has the least span that covers it. */
  readonly denial: OnlineSigner['denial']
  readonly keys: ZoneKeys
  readonly policy: Pick<SigningPolicy, 'signatureSeconds' | 'inceptionOffsetSeconds'>
  readonly nowSeconds: () => number
  /** Of all signers together. */
  readonly budget: SignatureBudget
}

/** Signs with the keys that sign the zone. Beyond the budget there is no signature. */
export function createOnlineSigner({ denial, keys, policy, nowSeconds, budget }: OnlineSigning): OnlineSigner {
  return {
    denial,
    sign: (zone: Zone, owner: Name, rrset: RRset): RRset | undefined => {
      if (!budget.take(keys.zoneSigners.length)) return undefined
      const now = nowSeconds()
      return signatureRrset(owner, rrset, keys.zoneSigners, {
        signer: zone.origin,
        inceptionSeconds: now - policy.inceptionOffsetSeconds,
        expirationSeconds: now + policy.signatureSeconds,
      })
    },
  }
}
