// Stock name servers in the peer lab: BIND, Knot and Unbound in the foreground, each with a directory of its own, at port
// 53 of an address of its own, known to answer when the call resolves.

import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { until } from './lab.ts'
import { programPath } from './tool.ts'

export type Peer = {
  readonly address: string
  readonly directory: string
  readonly pid: number
  /** All that it has said until now. */
  log(): string
  kill(signal: NodeJS.Signals): void
  /** Ends it and waits until it has ended. */
  stop(): Promise<void>
}

/** Anything that serves DNS over TCP at `address`; `arguments_` is told the directory where `files` lie. */
export async function startPeer(
  t: TestContext,
  options: {
    readonly program: string
    readonly address: string
    readonly port?: number
    readonly files: Readonly<Record<string, string>>
    readonly arguments_: (directory: string) => readonly string[]
  },
): Promise<Peer> {
  const { program, address, port = 53 } = options
  const directory = mkdtempSync(path.join(tmpdir(), `${program}-`))
  for (const [name, text] of Object.entries(options.files)) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true })
    writeFileSync(path.join(directory, name), text.replaceAll('%DIRECTORY%', directory))
  }
  const child = spawn(programPath(program) ?? program, options.arguments_(directory), {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: directory,
  })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk.toString()))
  const log = (): string => said.join('')
  let ended: string | undefined
  const end = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      ended = error.message
      resolve()
    })
    child.once('close', (code, signal) => {
      ended = `ended with ${code ?? signal ?? '?'}`
      resolve()
    })
  })
  const stop = async (): Promise<void> => {
    if (ended === undefined) child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await end
    clearTimeout(late)
  }
  t.after(stop)
  await until(
    async () => {
      if (ended !== undefined) throw new Error(`${program} ${ended}:\n${log().slice(-SHOWN)}`)
      return accepts(address, port)
    },
    () => `${program} at ${address}:\n${log().slice(-SHOWN)}`,
  )
  return { address, directory, pid: child.pid ?? 0, log, kill: (signal) => void child.kill(signal), stop }
}

/** BIND. `zones` is what follows `options`: zones, keys, trust anchors; `options` are further lines of that block. */
export function startNamed(
  t: TestContext,
  {
    address,
    zones,
    options = '',
    files = {},
  }: {
    readonly address: string
    readonly zones: string
    readonly options?: string
    readonly files?: Readonly<Record<string, string>>
  },
): Promise<Peer> {
  const configuration = `options {
  directory "%DIRECTORY%"; pid-file none; session-keyfile "%DIRECTORY%/session.key"; lock-file none;
  listen-on port 53 { ${address}; }; listen-on-v6 { none; };
  query-source address ${address}; notify-source ${address}; transfer-source ${address};
  empty-zones-enable no; notify-delay 0; max-refresh-time 10; min-refresh-time 1; min-retry-time 1; dnssec-validation no;
  ${options}
};
controls { };
${zones}
`
  return startPeer(t, {
    program: 'named',
    address,
    files: { ...files, 'named.conf': dropRepeated(configuration) },
    arguments_: (directory) => ['-4', '-g', '-n', '1', '-c', path.join(directory, 'named.conf')],
  })
}

/** Knot DNS. `zones`: the sections after `server`, `log` and `database`, in its YAML-like form. */
export function startKnotd(
  t: TestContext,
  {
    address,
    zones,
    files = {},
  }: { readonly address: string; readonly zones: string; readonly files?: Readonly<Record<string, string>> },
): Promise<Peer> {
  const configuration = `server:
    rundir: "%DIRECTORY%"
    listen: ${address}@53
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: info
database:
    storage: "%DIRECTORY%"
    journal-db-max-size: 64M
    kasp-db-max-size: 16M
    timer-db-max-size: 16M
${zones}
`
  return startPeer(t, {
    program: 'knotd',
    address,
    files: { ...files, 'knot.conf': configuration },
    arguments_: (directory) => ['-c', path.join(directory, 'knot.conf')],
  })
}

/** Unbound as a validating resolver of the lab's own root. */
export function startUnbound(
  t: TestContext,
  {
    address,
    rootAddress,
    anchors,
    server = '',
  }: {
    readonly address: string
    readonly rootAddress: string
    /** DS or DNSKEY records of the root, in zone-file form. */
    readonly anchors: string
    /** Further lines of its `server:` clause. */
    readonly server?: string
  },
): Promise<Peer> {
  const configuration = `server:
  interface: ${address}
  outgoing-interface: ${address}
  port: 53
  directory: "%DIRECTORY%"
  chroot: ""
  username: ""
  pidfile: "%DIRECTORY%/unbound.pid"
  use-syslog: no
  logfile: ""
  verbosity: 1
  val-log-level: 2
  num-threads: 1
  do-daemonize: no
  do-ip6: no
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  local-zone: "test." nodefault
  module-config: "validator iterator"
  root-hints: "%DIRECTORY%/hints"
  trust-anchor-file: "%DIRECTORY%/anchors"
  target-fetch-policy: "0 0 0 0 0"
${server
  .split('\n')
  .map((line) => `  ${line.trim()}`)
  .join('\n')}
remote-control:
  control-enable: no
`
  return startPeer(t, {
    program: 'unbound',
    address,
    files: {
      hints: `. 3600 IN NS ns.lab.\nns.lab. 3600 IN A ${rootAddress}\n`,
      anchors: `${anchors}\n`,
      'unbound.conf': configuration,
    },
    arguments_: (directory) => ['-d', '-p', '-c', path.join(directory, 'unbound.conf')],
  })
}

/** BIND as a validating resolver of the lab's own root. `key` as in `trust-anchors`: flags, protocol, algorithm, base64. */
export function startBindResolver(
  t: TestContext,
  { address, rootAddress, key }: { readonly address: string; readonly rootAddress: string; readonly key: string },
): Promise<Peer> {
  const [flags, protocol, algorithm, ...text] = key.split(/\s+/)
  return startNamed(t, {
    address,
    options: 'recursion yes; allow-recursion { any; }; dnssec-validation yes; qname-minimization strict;',
    zones:
      `zone "." { type hint; file "%DIRECTORY%/hints"; };\n` +
      `trust-anchors { "." static-key ${flags ?? ''} ${protocol ?? ''} ${algorithm ?? ''} "${text.join('')}"; };`,
    files: { hints: `. 3600 IN NS ns.lab.\nns.lab. 3600 IN A ${rootAddress}\n` },
  })
}

/** BIND takes each option once: the last one counts here. */
function dropRepeated(configuration: string): string {
  const again = [...configuration.matchAll(/dnssec-validation \w+;/g)].length > 1
  return again ? configuration.replace('dnssec-validation no;', '') : configuration
}

function accepts(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

const STOP_MS = 5000
const SHOWN = 6000
