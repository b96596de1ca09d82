// Channel bindings: octets that both ends of one TLS connection see, and nobody who stands in between can have.
// RFC 5056 (channel binding), RFC 5929 §4 (tls-server-end-point), RFC 9266 §2 (tls-exporter)

import { hash, X509Certificate } from 'node:crypto'

export type ChannelBindingType = 'tls-exporter' | 'tls-server-end-point'

export type ChannelBinding = { readonly type: ChannelBindingType; readonly octets: Uint8Array }

/** What mechanisms may know of the connection. */
export type Channel = {
  /** Whether TLS protects it. */
  readonly tls: boolean
  /** Best first; empty: cannot be bound to. */
  readonly bindings: readonly ChannelBinding[]
}

/** Arguments for the keying material exporter (RFC 9266 §2): the context is present and empty. */
export const TLS_EXPORTER = { label: 'EXPORTER-Channel-Binding', octets: 32 } as const

export type TlsFacts = {
  /** As Node's `getProtocol()`: `TLSv1.3`. */
  readonly version: string
  /** The exporter of this connection (RFC 8446 §7.5), with an empty context. */
  readonly exportKeyingMaterial: (octets: number, label: string) => Uint8Array
  /** The server's own certificate as both ends saw it, DER. */
  readonly serverCertificate?: Uint8Array
}

/** The channel that a TLS connection gives: tls-exporter from TLS 1.3 on, tls-server-end-point where the certificate allows. */
export function tlsChannel(facts: TlsFacts): Channel {
  const bindings: ChannelBinding[] = []
  // RFC 9266 §4.2: under TLS 1.2 the exporter is unique only with extended master secret, which Node does not tell.
  if (facts.version === 'TLSv1.3') {
    const octets = facts.exportKeyingMaterial(TLS_EXPORTER.octets, TLS_EXPORTER.label)
    bindings.push({ type: 'tls-exporter', octets })
  }
  const endPoint = facts.serverCertificate === undefined ? undefined : serverEndPointBinding(facts.serverCertificate)
  if (endPoint !== undefined) bindings.push(endPoint)
  return { tls: true, bindings }
}

/** From the server's certificate, DER. `undefined` where its signature has no single hash (Ed25519, RSA-PSS) or it cannot be read. */
export function serverEndPointBinding(certificate: Uint8Array): ChannelBinding | undefined {
  let algorithm: string | undefined
  try {
    algorithm = HASH_OF_SIGNATURE.get(new X509Certificate(certificate).signatureAlgorithmOid)
  } catch {
    return undefined
  }
  if (algorithm === undefined) return undefined
  return { type: 'tls-server-end-point', octets: hash(algorithm, certificate, 'buffer') }
}

/** Signature algorithms by object identifier; MD5 and SHA-1 count as SHA-256 (RFC 5929 §4.1). */
const HASH_OF_SIGNATURE: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.1.1.4', 'sha256'], // md5WithRSAEncryption
  ['1.2.840.113549.1.1.5', 'sha256'], // sha1WithRSAEncryption
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
  ['1.2.840.10045.4.1', 'sha256'], // ecdsa-with-SHA1
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
])
