// A stock Postfix on loopback ports, with everything it writes in a directory of its own.
// Needs root (its master drops rights by itself) and Debian's postfix package.

import { execFile, spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

export type PostfixOptions = {
  /** An empty directory that users other than root may enter. */
  readonly directory: string
  readonly address: string
  readonly port: number
  readonly hostname: string
  /** Domains delivered to Maildirs under `maildirs`. */
  readonly domains: readonly string[]
  /** PEM files for STARTTLS; without them no TLS is offered. */
  readonly tls?: { readonly certificate: string; readonly key: string }
  /** `domain` → `address:port`: where mail for other domains goes. */
  readonly transport?: Readonly<Record<string, string>>
  /** Further lines of main.cf. */
  readonly main?: Readonly<Record<string, string>>
}

export type Postfix = {
  readonly address: string
  readonly port: number
  readonly masterPid: number
  /** The Maildir of `user@domain`. */
  maildir(mailbox: string): string
  /** Messages in `new` of the Maildir, as octets. */
  messages(mailbox: string): readonly Uint8Array[]
  /** How many messages are in `new`. */
  count(mailbox: string): number
  log(): string
  stop(): Promise<void>
}

/** Why Postfix cannot be run here; `undefined` when it can. */
export function postfixAbsent(): string | undefined {
  if (!existsSync('/usr/sbin/postfix')) return 'postfix is not installed (tools/peers installs it)'
  if (process.getuid?.() !== 0) return 'postfix needs root to start'
  return undefined
}

export async function startPostfix(options: PostfixOptions): Promise<Postfix> {
  const inside = (...parts: string[]): string => path.join(options.directory, ...parts)
  const [postfixUser, virtualUid] = [userId('postfix'), userId('nobody')]
  for (const part of ['config', 'queue', 'data', 'mail']) mkdirSync(inside(part), { recursive: true })
  chmodSync(options.directory, 0o755)
  chownSync(inside('data'), postfixUser, 0)
  chownSync(inside('mail'), virtualUid, 0)
  writeFileSync(inside('config', 'main.cf'), mainCf(options, inside, virtualUid))
  writeFileSync(inside('config', 'master.cf'), masterCf(options))
  const lines = (entries: readonly (readonly [string, string])[]): string =>
    entries.map(([k, v]) => `${k} ${v}\n`).join('')
  writeFileSync(inside('config', 'mailboxes'), lines(options.domains.map((domain) => [`@${domain}`, `${domain}/`])))
  const routes = Object.entries(options.transport ?? {})
  writeFileSync(
    inside('config', 'transport'),
    lines(routes.map(([domain, to]) => [domain, `smtp:[${to.split(':')[0]}]:${to.split(':')[1]}`])),
  )
  await promisify(execFile)('/usr/sbin/postfix', ['-c', inside('config'), 'check'])
  const master = spawn('/usr/lib/postfix/sbin/master', ['-c', inside('config'), '-d'], {
    stdio: 'ignore',
    detached: true, // master ends its process group: without one of its own, sessions would outlive it
  })
  await waitForPort(options.address, options.port, inside('postfix.log'))
  const maildir = (mailbox: string): string => inside('mail', mailbox.split('@')[1] ?? '')
  return {
    address: options.address,
    port: options.port,
    masterPid: master.pid ?? 0,
    maildir,
    messages: (mailbox) => {
      const folder = path.join(maildir(mailbox), 'new')
      return existsSync(folder) ? readdirSync(folder).map((name) => readFileSync(path.join(folder, name))) : []
    },
    count: (mailbox) => {
      const folder = path.join(maildir(mailbox), 'new')
      return existsSync(folder) ? readdirSync(folder).length : 0
    },
    log: () => (existsSync(inside('postfix.log')) ? readFileSync(inside('postfix.log'), 'utf8') : ''),
    stop: async () => {
      if (master.exitCode !== null || master.signalCode !== null) return
      const ended = new Promise((resolve) => master.once('exit', resolve))
      master.kill('SIGTERM')
      await ended
    },
  }
}

function mainCf(options: PostfixOptions, inside: (...parts: string[]) => string, uid: number): string {
  const { tls } = options
  const settings: Record<string, string> = {
    compatibility_level: '3.6',
    queue_directory: inside('queue'),
    data_directory: inside('data'),
    maillog_file: inside('postfix.log'),
    maillog_file_prefixes: options.directory,
    myhostname: options.hostname,
    mydestination: '',
    mynetworks: '127.0.0.0/8',
    inet_interfaces: 'all', // only master.cf's listener opens; Postfix knows no address of 127/8 but 127.0.0.1
    inet_protocols: 'ipv4',
    virtual_mailbox_domains: options.domains.join(', '),
    virtual_mailbox_base: inside('mail'),
    virtual_mailbox_maps: `texthash:${inside('config', 'mailboxes')}`,
    virtual_uid_maps: `static:${uid}`,
    virtual_gid_maps: `static:${uid}`,
    virtual_minimum_uid: '1',
    virtual_mailbox_limit: '0',
    transport_maps: `texthash:${inside('config', 'transport')}`,
    message_size_limit: '104857600',
    alias_maps: '',
    alias_database: '',
    smtpd_tls_security_level: tls ? 'may' : 'none',
    ...(tls && { smtpd_tls_cert_file: tls.certificate, smtpd_tls_key_file: tls.key }),
    smtp_tls_security_level: 'may',
    smtp_dns_support_level: 'disabled',
    smtp_host_lookup: 'native',
    smtpd_peername_lookup: 'no',
    smtpd_forbid_bare_newline: 'yes',
    ...options.main,
  }
  return Object.entries(settings)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join('')
}

function masterCf({ address, port }: PostfixOptions): string {
  return `${address}:${port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`
}

function userId(name: string): number {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`))
  if (line === undefined) throw new Error(`Cannot find the user "${name}"`)
  return Number(line.split(':')[2])
}

async function waitForPort(host: string, port: number, logFile: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, host, () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
    if (open) return
    await sleep(100)
  }
  throw new Error(
    `Cannot reach postfix on ${host}:${port}:\n${existsSync(logFile) ? readFileSync(logFile, 'utf8') : ''}`,
  )
}
