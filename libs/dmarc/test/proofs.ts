// Proofs as they are made: a domain that signs a message, a domain whose SPF record lets an address send for it.
import { generateKeyPairSync } from 'node:crypto'
import { formatKeyRecord, parseSelector, startSigning, startVerifying, type VerifiedSignature } from '@scop/dkim'
import { type DomainName, parseDomainName, parseIpAddress } from '@scop/identifiers'
import { parseHeaderSection } from '@scop/mime'
import { concatOctets, encodeAscii } from '@scop/octets'
import { expectOk } from '@scop/result'
import { checkHost, type VerifiedSpf } from '@scop/spf'

export const name = (text: string): DomainName => expectOk(parseDomainName(text), text)

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const selector = expectOk(parseSelector('s1'), 's1')

export function signedBy(domain: string): VerifiedSignature {
  const message = encodeAscii('From: a@example.com\r\n\r\n')
  const { header } = expectOk(parseHeaderSection(message), 'read')
  const key = { domain: name(domain), selector, algorithm: 'ed25519-sha256', privateKey } as const
  const signing = expectOk(startSigning(header, { keys: [key], nowSeconds: 0 }), 'sign')
  const signed = expectOk(parseHeaderSection(concatOctets([...signing.finish(), message])), 'read')
  const verifying = startVerifying(signed.header, { nowSeconds: 0 })
  const answer = { kind: 'texts', texts: [formatKeyRecord(publicKey)] } as const
  const [result] = verifying.finish(new Map(verifying.keyNames.map((asked) => [asked, answer])))
  if (result?.result !== 'pass') throw new Error(`Cannot sign for ${domain}`)
  return result.proof
}

/** `helo`: it is HELO that passed, or the null reverse-path. */
export function sentBy(domain: string, identity: 'mailfrom' | 'helo' = 'mailfrom'): VerifiedSpf {
  const client = expectOk(parseIpAddress('192.0.2.1'), 'read')
  const mailFrom = identity === 'helo' ? undefined : { localPart: 'a', domain }
  const check = checkHost({ client, helo: domain, mailFrom, nowSeconds: 0 })
  let step = check.next([])
  while (step.done !== true)
    step = check.next(step.value.map(() => ({ kind: 'texts', texts: [encodeAscii('v=spf1 ip4:192.0.2.1 -all')] })))
  if (step.value.proof === undefined) throw new Error(`Cannot send for ${domain}`)
  return step.value.proof
}
