// The parent's DS records as the bottle's resolver finds them. An absence counts; what is bogus or cannot be had does not.

import type { Calls } from '@scop/bottle/node'
import { formatName, type Name } from '@scop/dns'
import { err, ok, type Result } from '@scop/result'

export function askResolver(calls: Calls): (origin: Name) => Promise<Result<readonly Uint8Array[], string>> {
  return async (origin) => {
    const asked = await calls.call(
      'dns-resolver',
      'ds',
      { zone: formatName(origin) },
      { trace: TRACE, timeoutMs: ASK_MS },
    )
    if (!asked.ok) return err(`the resolver does not answer: ${asked.error.reason}`)
    const { response } = asked.value
    switch (response.kind) {
      case 'answer':
        return ok(response.value.map((rdata) => Uint8Array.fromBase64(rdata)))
      case 'nodata':
      case 'nxdomain':
        return ok([])
      case 'temporary':
        return err(response.reason)
      case 'bad-name':
        return err('the resolver takes it for no name')
    }
  }
}

const TRACE = '0000000000000000'
const ASK_MS = 15_000
