// The home of a bottle: one directory with everything in it, each part readable by those who need it.

import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { PipeAddress } from '../boot.ts'
import { type Role, SERVICES, type ServiceName } from '../role.ts'

export type Home = {
  readonly directory: string
  /** The configuration that people edit. */
  readonly configuration: string
  /** Key and certificate of the authority that certifies every pipe; only supervisor and operator read it. */
  readonly authorityKey: string
  readonly authorityCertificate: string
  readonly tsigKey: string
  readonly tlsKey: string
  readonly tlsCertificate: string
  /** Programs without their types, for the services to read. */
  readonly stripped: string
  /** JSON lines of all services. */
  readonly log: string
  /** Process id of the running supervisor. */
  readonly pidFile: string
  data(service: ServiceName): string
  readonly pipes: Readonly<Record<ServiceName | 'supervisor', PipeAddress & { readonly path: string }>>
  /** The directory of the pipes' sockets. */
  readonly run: string
}

export function homeAt(directory: string): Home {
  const root = path.resolve(directory)
  const inside = (...parts: string[]): string => path.join(root, ...parts)
  const run = runDirectory(root)
  const pipe = (role: Role): [Role, { path: string }] => [role, { path: path.join(run, `${role}.sock`) }]
  return {
    directory: root,
    configuration: inside('bottle.yaml'),
    authorityKey: inside('authority', 'key.pem'),
    authorityCertificate: inside('authority', 'certificate.pem'),
    tsigKey: inside('secrets', 'tsig.json'),
    tlsKey: inside('secrets', 'tls-key.pem'),
    tlsCertificate: inside('secrets', 'tls-certificate.pem'),
    stripped: inside('cache', 'stripped'),
    log: inside('log', 'scop.jsonl'),
    pidFile: inside('supervisor.pid'),
    data: (service) => inside('data', service),
    // as: one entry for each role named in the type
    pipes: Object.fromEntries([...SERVICES, 'supervisor' as const].map(pipe)) as Home['pipes'],
    run,
  }
}

/** Socket paths hold at most 107 octets: a home that lies too deep has its sockets in the temporary directory. */
function runDirectory(root: string): string {
  const near = path.join(root, 'run')
  if (Buffer.byteLength(path.join(near, 'dns-primary.sock')) <= MAX_SOCKET_PATH) return near
  return path.join(tmpdir(), `scop-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`)
}

const MAX_SOCKET_PATH = 107
