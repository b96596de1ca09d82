// The zone of a mail domain, as it is when a domain is added: who answers for it, where its mail goes, who may send it.
// RFC 1035 §5 (form), RFC 5321 §5 (MX), RFC 7208 §3 (SPF), RFC 7489 §6.3 (DMARC)

import { type DomainName, type IpAddress, ipVersion, isAtOrBelow } from '@scop/identifiers'

export type ZoneFacts = {
  readonly domain: DomainName
  readonly hostname: DomainName
  readonly address: IpAddress
}

/** Zone-file text. The DKIM keys are not in it: the signer publishes them by UPDATE. */
export function formatMailZone({ domain, hostname, address }: ZoneFacts): string {
  const version = ipVersion(address)
  const host = isAtOrBelow(hostname, domain) ? [`${hostname}. IN ${version === 4 ? 'A' : 'AAAA'} ${address}`] : []
  const lines = [
    `$ORIGIN ${domain}.`,
    '$TTL 3600',
    `@ IN SOA ${hostname}. hostmaster.${domain}. 1 7200 900 1209600 300`,
    `@ IN NS ${hostname}.`,
    `@ IN MX 10 ${hostname}.`,
    ...host,
    `@ IN TXT "v=spf1 ip${version}:${address} -all"`,
    '_dmarc IN TXT "v=DMARC1; p=quarantine; adkim=r; aspf=r"',
  ]
  return `${lines.join('\n')}\n`
}
