// The authority of one bottle: certifies which process is which service, for a short time. RFC 5280, X509-SVID
// Heavy (an ASN.1 library), so it has an entry of its own: only the supervisor and the command line load it.

import 'reflect-metadata'
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  AuthorityKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { formatServiceId, parseServiceRole } from '../service-id.ts'

export type Authority = {
  readonly bottle: string
  /** PKCS #8, PEM: whoever reads it can be every service. */
  readonly keyPem: string
  readonly certificatePem: string
  /**
   * A certificate (PEM) for `role` with the public key of a process (SubjectPublicKeyInfo, DER). Throws when the
   * role or the key cannot be read.
   */
  issue(role: string, publicKey: Uint8Array, options: IssueOptions): Promise<string>
}

export type IssueOptions = { readonly nowMs: number; readonly lifetimeSeconds: number }

/** A new authority, good for ten years. */
export async function createAuthority(bottle: string, { nowMs }: { readonly nowMs: number }): Promise<Authority> {
  const uri = authorityUri(bottle)
  if (!AUTHORITY_URI.test(uri)) throw new Error(`Cannot name a bottle "${bottle}"`)
  const keys = await webcrypto.subtle.generateKey(ED25519, true, ['sign', 'verify'])
  if (!('privateKey' in keys)) throw new Error('Cannot make an authority: no pair of keys')
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: serial(),
      subject: `CN=${bottle} authority`,
      issuer: `CN=${bottle} authority`,
      notBefore: new Date(nowMs - BACKDATE_MS),
      notAfter: new Date(nowMs + AUTHORITY_MS),
      publicKey: keys.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ED25519,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
        new SubjectAlternativeNameExtension([{ type: 'url', value: uri }]),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  const keyPem = pem('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
  return authorityWith(bottle, keyPem, certificate, keys.privateKey)
}

/** The authority as `createAuthority` made it. Throws when the texts cannot be read or do not belong together. */
export async function loadAuthority(texts: {
  readonly keyPem: string
  readonly certificatePem: string
}): Promise<Authority> {
  const certificate = new X509Certificate(texts.certificatePem)
  const names = certificate.getExtension(SubjectAlternativeNameExtension)?.names.items ?? []
  const bottle = AUTHORITY_URI.exec(names.find((name) => name.type === 'url')?.value ?? '')?.[1]
  if (bottle === undefined) throw new Error('Cannot load the authority: its certificate names no bottle')
  const pkcs8 = createPrivateKey(texts.keyPem).export({ type: 'pkcs8', format: 'der' })
  const key = await webcrypto.subtle.importKey('pkcs8', pkcs8, ED25519, false, ['sign'])
  const authority = authorityWith(bottle, texts.keyPem, certificate, key)
  // Whether the key is this certificate's shows when its signature is verified.
  const probe = new X509Certificate(
    await authority.issue('probe', new Uint8Array(certificate.publicKey.rawData), { nowMs: 0, lifetimeSeconds: 1 }),
  )
  if (!(await probe.verify({ publicKey: certificate, signatureOnly: true }, webcrypto))) {
    throw new Error('Cannot load the authority: the key is not the certificate’s')
  }
  return authority
}

/**
 * A self-signed certificate for the listeners that the world sees, until the administrator has a better one.
 * `names`: the host names that it is for; the first is the subject. ECDSA P-256, which every mail client takes.
 */
export async function issueServerCertificate(
  names: readonly string[],
  { nowMs }: { readonly nowMs: number },
): Promise<{ readonly keyPem: string; readonly certificatePem: string }> {
  const [first] = names
  if (first === undefined || !names.every((name) => HOST_NAME.test(name))) {
    throw new Error(`Cannot certify ${JSON.stringify(names)}: not host names`)
  }
  const keys = await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: serial(),
      subject: `CN=${first.slice(0, 64)}`,
      issuer: `CN=${first.slice(0, 64)}`,
      notBefore: new Date(nowMs - BACKDATE_MS),
      notAfter: new Date(nowMs + SERVER_MS),
      publicKey: keys.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: { ...P256, hash: 'SHA-256' },
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
      ],
    },
    webcrypto,
  )
  return {
    keyPem: pem('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)),
    certificatePem: `${certificate.toString('pem')}\n`,
  }
}

function authorityWith(
  bottle: string,
  keyPem: string,
  certificate: X509Certificate,
  signingKey: webcrypto.CryptoKey,
): Authority {
  return {
    bottle,
    keyPem,
    certificatePem: `${certificate.toString('pem')}\n`,
    issue: async (text, publicKey, { nowMs, lifetimeSeconds }) => {
      const role = parseServiceRole(text)
      if (!role.ok) throw new Error(`Cannot certify "${text}": not a role`)
      const key = new PublicKey(new Uint8Array(publicKey))
      const extensions: Extension[] = [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
        new SubjectAlternativeNameExtension([
          { type: 'url', value: formatServiceId({ bottle, role: role.value }) },
          { type: 'dns', value: role.value },
        ]),
        await AuthorityKeyIdentifierExtension.create(certificate.publicKey, false, webcrypto),
      ]
      const issued = await X509CertificateGenerator.create(
        {
          serialNumber: serial(),
          subject: `CN=${role.value}`,
          issuer: certificate.subject,
          notBefore: new Date(nowMs - BACKDATE_MS),
          notAfter: new Date(nowMs + lifetimeSeconds * 1000),
          publicKey: key,
          signingKey,
          signingAlgorithm: ED25519,
          extensions,
        },
        webcrypto,
      )
      return `${issued.toString('pem')}\n`
    },
  }
}

const authorityUri = (bottle: string): string => `spiffe://${bottle}`

/** Sixteen random octets, positive. RFC 5280 §4.1.2.2 */
function serial(): string {
  const octets = randomBytes(16)
  octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40
  return octets.toString('hex')
}

function pem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

const AUTHORITY_URI = /^spiffe:\/\/([a-z][a-z0-9-]{0,30})$/
const HOST_NAME = /^[A-Za-z0-9.-]{1,253}$/
const ED25519 = { name: 'Ed25519' } as const
const P256 = { name: 'ECDSA', namedCurve: 'P-256' }
const BACKDATE_MS = 60_000 // clocks differ
const AUTHORITY_MS = 3650 * 86_400_000
const SERVER_MS = 397 * 86_400_000
