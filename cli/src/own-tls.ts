// TLS to our own listeners: whom to expect there, and that the certificate of this very home is trusted.

import { readFile } from 'node:fs/promises'
import { type ConnectionOptions, rootCertificates } from 'node:tls'
import { EXIT, Failure } from './failure.ts'
import type { OpenedHome } from './running-bottle.ts'

export type OwnTls = Required<Pick<ConnectionOptions, 'servername' | 'allowPartialTrustChain'>> & {
  readonly ca: string[]
}

/** Options for a TLS client of the bottle in `opened`. */
export async function ownTls({ home, configuration }: OpenedHome): Promise<OwnTls> {
  const file = configuration.tls.certificate ?? home.tlsCertificate
  const own = await readFile(file, 'utf8').catch((error: Error) => {
    throw new Failure('no-certificate', `Cannot read the certificate ${file}: ${error.message}`, {
      exit: EXIT.configuration,
    })
  })
  // The home's certificate is trusted as it is, whoever issued it.
  return { servername: configuration.hostname, ca: [...rootCertificates, own], allowPartialTrustChain: true }
}
