// Whether SVCB records at `_dns` tell a resolver all that it must know.      RFC 9461 §4, §5, §6

import { decodeLatin1 } from '@scop/octets'
import { labels, type Name } from './name.ts'
import { alpnProtocols, SVC_PARAM } from './rr/svc-params.ts'
import { SVCB } from './rr/svcb.ts'
import type { ZoneNode } from './zone.ts'
import { dataOf, type ZoneCheck } from './zone-finding.ts'

export function checkServiceBindings({ error }: ZoneCheck, node: ZoneNode): void {
  if (!isDnsService(node.name)) return
  for (const { priority, params } of dataOf(node, SVCB)) {
    if (priority === 0) continue
    const alpn = params.find(({ key }) => key === SVC_PARAM.ALPN)?.value ?? new Uint8Array(0)
    const protocols = alpnProtocols(alpn).map(decodeLatin1)
    const overHttp = protocols.some((protocol) => HTTP.has(protocol))
    const hasPath = params.some(({ key }) => key === SVC_PARAM.DOHPATH)
    if (!overHttp && !protocols.some((protocol) => OTHERS.has(protocol))) error('svcb-for-dns', node.name, SVCB, 'alpn')
    else if (overHttp && !hasPath) error('svcb-for-dns', node.name, SVCB, 'dohpath')
  }
}

/** `_dns…`, or `_853._dns…` */
function isDnsService(name: Name): boolean {
  const [first, second] = labels(name).map((label) => decodeLatin1(label).toLowerCase())
  return first === '_dns' || (/^_[0-9]+$/.test(first ?? '') && second === '_dns')
}

const HTTP: ReadonlySet<string> = new Set(['http/1.1', 'h2', 'h3'])
const OTHERS: ReadonlySet<string> = new Set(['dot', 'doq', 'co'])
