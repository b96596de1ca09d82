// Our own resolver in the peer lab, in the process of the test: from the lab's root down, at port 53, and 853 by TLS.

import type { TestContext } from 'node:test'
import { type DnsServer, serveDns } from '@scop/dns/node'
import { createAlgorithms } from '@scop/dnssec'
import { parseIpAddress } from '@scop/identifiers'
import { issueServerCertificate } from '@scop/mesh/authority'
import { RESOLVER_CONFIG, type ResolverConfig } from '@scop/resolver'
import { openResolver, type ResolverShell } from '@scop/resolver/node'
import { DNSKEY, makeRecord, ROOT } from '@scop/dns'
import { expectOk } from '@scop/result'
import { labName, type LabZone } from './signed.ts'

export async function serveOurResolver(
  t: TestContext,
  {
    address,
    rootAddress,
    root,
    config = {},
  }: {
    readonly address: string
    readonly rootAddress: string
    /** Its entry key is the trust anchor; absent: nothing is validated. */
    readonly root: LabZone | undefined
    readonly config?: Partial<ResolverConfig>
  },
): Promise<{ readonly shell: ResolverShell; readonly server: DnsServer }> {
  const anchors = root === undefined ? [] : [makeRecord(DNSKEY, ROOT, 60, root.entry.dnskey)]
  const hint = { address: expectOk(parseIpAddress(rootAddress), 'read'), port: 53 }
  const shell = openResolver({
    config: {
      ...RESOLVER_CONFIG,
      hints: [{ name: labName('ns.lab'), addresses: [hint] }],
      validation: { ...RESOLVER_CONFIG.validation, anchors },
      ...config,
    },
    algorithms: createAlgorithms(),
  })
  const tls = await issueServerCertificate(['resolver.lab.example'], { nowMs: Date.now() })
  const server = await serveDns({
    address,
    port: 53,
    tls: { port: 853, options: { key: tls.keyPem, cert: tls.certificatePem } },
    handle: (incoming) => shell.handle(incoming),
  })
  t.after(async () => {
    await server.close()
    shell.close()
  })
  return { shell, server }
}
