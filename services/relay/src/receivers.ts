// Where mail for a domain goes: its MX hosts in order, each with its addresses; or why it goes nowhere.
// RFC 5321 §5.1, RFC 7505 (null MX), RFC 3463 §3.5, RFC 7672 §2 (what DANE will rest on). Names are the other domain's to choose: they must not lead us to ourselves.

import type { NameAnswer, Names, NameSecurity } from '@scop/bottle/node'
import {
  type AddressLiteral,
  type DomainName,
  type IpAddress,
  isLoopback,
  isUnspecified,
  unmapIpAddress,
} from '@scop/identifiers'
import { err, ok, type Result } from '@scop/result'
import type { Status } from './attempt.ts'

/** One place to knock: a host by one of its addresses. */
export type Receiver = {
  readonly host: DomainName | undefined
  readonly address: IpAddress
  /** Whether the way here, MX and address, is signed from a trust anchor down. */
  readonly names: NameSecurity
}

export type NoReceiver = { readonly when: 'later' | 'never'; readonly status: Status; readonly reason: string }

export type ReceiverRules = {
  readonly hostname: DomainName
  /** Where the world finds us: an MX that leads there is we ourselves, whatever its name. */
  readonly ownAddresses: readonly IpAddress[]
  /** For tests on one machine: loopback addresses, and our own, may be other servers. */
  readonly allowLoopback: boolean
  /** Hosts and addresses tried for one message; a domain may list any number. */
  readonly hosts: number
  readonly addressesPerHost: number
}

/** What is asked of names here. */
export type MailNames = Pick<Names, 'mx' | 'addresses'>

/** In the order in which to try them. */
export async function findReceivers(
  domain: DomainName | AddressLiteral,
  names: MailNames,
  trace: string,
  rules: ReceiverRules,
): Promise<Result<readonly Receiver[], NoReceiver>> {
  if (typeof domain !== 'string') {
    return usable(domain.address, rules)
      ? ok([{ host: undefined, address: domain.address, names: 'insecure' }])
      : err(SELF)
  }
  const mx = await names.mx(domain, trace)
  if (mx.kind !== 'answer' && mx.kind !== 'nodata') return err(noReceiver(domain, mx))
  if (mx.kind === 'answer' && mx.value.kind === 'null-mx')
    return err({ when: 'never', status: '5.1.10', reason: `${domain} takes no mail` })
  // No MX: the domain is its own mail host.
  const exchanges =
    mx.kind === 'answer' && mx.value.kind === 'mx' ? mx.value.exchanges : [{ preference: 0, exchange: domain }]
  // From ourselves on, every host is at least as far from the goal as we are. RFC 5321 §5.1
  const ownPreference = exchanges.find(({ exchange }) => exchange === rules.hostname)?.preference
  const nearer = exchanges.filter(({ preference }) => ownPreference === undefined || preference < ownPreference)
  if (nearer.length === 0)
    return err(
      exchanges.length > 0 ? SELF : { when: 'never', status: '5.4.4', reason: `${domain} names no usable mail host` },
    )
  const receivers: Receiver[] = []
  let failure: NoReceiver | undefined
  for (const { exchange } of nearer.slice(0, rules.hosts)) {
    const addresses = await names.addresses(exchange, trace)
    if (addresses.kind !== 'answer') {
      const reason = noReceiver(exchange, addresses)
      if (failure === undefined || reason.when === 'later') failure = reason // one that may recover is worth waiting for
      continue
    }
    // The name is new to us, the address is not: as with our own name, nothing behind it is nearer.
    if (addresses.value.some((address) => isOwn(address, rules))) {
      failure ??= SELF
      break
    }
    const allowed = addresses.value.filter((address) => usable(address, rules))
    if (allowed.length === 0) failure ??= SELF
    const security = mx.security === 'secure' && addresses.security === 'secure' ? 'secure' : 'insecure'
    for (const address of allowed.slice(0, rules.addressesPerHost)) {
      receivers.push({ host: exchange, address, names: security })
    }
  }
  return receivers.length > 0 ? ok(receivers) : err(failure ?? SELF)
}

const usable = (address: IpAddress, rules: ReceiverRules): boolean =>
  !isUnspecified(address) && (rules.allowLoopback || !isLoopback(address)) && !isOwn(address, rules)

const isOwn = (address: IpAddress, { allowLoopback, ownAddresses }: ReceiverRules): boolean =>
  !allowLoopback && ownAddresses.includes(unmapIpAddress(address))

function noReceiver(name: string, answer: Exclude<NameAnswer<unknown>, { readonly kind: 'answer' }>): NoReceiver {
  switch (answer.kind) {
    case 'nxdomain':
      return { when: 'never', status: '5.1.2', reason: `${name} does not exist` }
    case 'nodata':
      return { when: 'never', status: '5.4.4', reason: `${name} has no address` }
    case 'bad-name':
      return { when: 'never', status: '5.1.2', reason: `${name} is no name of the DNS` }
    case 'temporary':
      return { when: 'later', status: '4.4.3', reason: `${name}: ${answer.reason}` }
  }
}

const SELF: NoReceiver = {
  when: 'never',
  status: '5.4.6',
  reason: 'the mail hosts of the domain lead back to this server',
}
