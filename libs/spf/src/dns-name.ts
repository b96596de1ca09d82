// Names that SPF asks for: they may have underscores and other octets that no host has, so they are not `DomainName`.
// RFC 7208 §4.3 (what is no domain), §7.3 (a name that is too long loses labels on the left)

/** Lower case, without the final dot; undefined where it is no name of the DNS. */
export function dnsName(text: string): string | undefined {
  let name = text.endsWith('.') ? text.slice(0, -1) : text
  while (name.length > LONGEST_NAME) {
    const dot = name.indexOf('.')
    if (dot < 0) return undefined
    name = name.slice(dot + 1)
  }
  const labels = name.split('.')
  if (!labels.every((label) => label.length > 0 && label.length <= LONGEST_LABEL && PRINTABLE.test(label)))
    return undefined
  return name.toLowerCase()
}

/** The name of a domain that can have a policy: of two labels at least. RFC 7208 §4.3 */
export function policyName(text: string): string | undefined {
  if (text.length > LONGEST_NAME + 1) return undefined
  const name = dnsName(text)
  return name !== undefined && name.includes('.') && !text.startsWith('[') ? name : undefined
}

/** Whether `name` is `parent` or a name below it, both as `dnsName` gives them. */
export function isNameAtOrBelow(name: string, parent: string): boolean {
  return name === parent || name.endsWith(`.${parent}`)
}

const LONGEST_NAME = 253
const LONGEST_LABEL = 63
const PRINTABLE = /^[\x20-\x7e]+$/ // %_ gives a space
