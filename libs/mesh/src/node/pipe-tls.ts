// The TLS of every pipe: 1.3 only, a certificate on both sides, HTTP/2 by ALPN, and nothing resumed:
// a resumed session would pass over the check of the peer's certificate. RFC 8446 §2.2, RFC 7301

import { constants } from 'node:crypto'
import { unlink } from 'node:fs/promises'
import { connect, type ListenOptions } from 'node:net'
import type { PeerCertificate } from 'node:tls'
import { formatServiceId, readServiceId } from '../service-id.ts'

/** PEM texts: our key, our certificate, and the authority that certifies every pipe of this bottle. */
export type Identity = {
  readonly keyPem: string
  readonly certificatePem: string
  readonly authorityPem: string
}

export type PipeAddress = { readonly path: string } | { readonly host: string; readonly port: number }

/** Both sides' share of the TLS options. */
export function pipeTlsOptions(identity: Identity): PipeTlsOptions {
  return {
    key: identity.keyPem,
    cert: identity.certificatePem,
    ca: identity.authorityPem,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    // Without tickets OpenSSL falls back to a session cache on the server, and Node keeps none.
    secureOptions: constants.SSL_OP_NO_TICKET,
    requestCert: true,
    rejectUnauthorized: true,
    ALPNProtocols: ['h2'],
  }
}

export type PipeTlsOptions = {
  readonly key: string
  readonly cert: string
  readonly ca: string
  readonly minVersion: 'TLSv1.3'
  readonly maxVersion: 'TLSv1.3'
  readonly secureOptions: number
  readonly requestCert: true
  readonly rejectUnauthorized: true
  readonly ALPNProtocols: string[]
}

/** The certificate is not that of the service which was asked for. */
export class WrongService extends Error {}

/** For `checkServerIdentity`: the callee must be exactly `role` of `bottle`. */
export function expectService(
  bottle: string,
  role: string,
): (host: string, certificate: PeerCertificate) => Error | undefined {
  return (_, certificate) => {
    const found = readServiceId(certificate.subjectaltname)
    if (found.ok && found.value.bottle === bottle && found.value.role === role) return undefined
    const name = found.ok ? formatServiceId(found.value) : `${found.error.kind}: ${found.error.text}`
    return new WrongService(`asked for ${formatServiceId({ bottle, role })}, found ${name}`)
  }
}

export function formatAddress(address: PipeAddress): string {
  return 'path' in address ? address.path : `${address.host}:${address.port}`
}

export function listenOptions(address: PipeAddress): ListenOptions {
  // A socket file is made without permissions for others: umask does that, the directory (0700) besides.
  return 'path' in address ? { path: address.path } : { host: address.host, port: address.port }
}

/** Removes the socket file of a server that has died; leaves that of one that lives. */
export async function removeStaleSocket(path: string): Promise<boolean> {
  const stale = await new Promise<boolean>((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(false)
    })
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'))
  })
  if (stale) await unlink(path).catch(() => undefined) // somebody else was quicker
  return stale
}
