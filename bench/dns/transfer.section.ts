// Updates of one record each, durable before they are answered, and whole zones by AXFR, beside BIND with one thread.

import { copyFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { cpuSeconds } from '../processes.ts'
import { makeSignedZone, ORIGIN, zoneText } from './authority-zone.ts'
import { ADDRESSES, type Comparison, type Lab, type Section } from './section.ts'

const SECRET = new Uint8Array(32).fill(7)
const BASE64 = Buffer.from(SECRET).toString('base64')
const KEY = `hmac-sha256:bench.key:${BASE64}`

type Server = { readonly pid: number; readonly address: string }

export const section: Section = {
  name: 'transfer',
  tools: ['named', 'nsupdate', 'dnsperf', 'dig', 'dnssec-signzone', 'dnssec-keygen'],
  open: async (lab) => {
    const plain = path.join(lab.directory, 'plain')
    writeFileSync(plain, zoneText(1000))
    const signed = await makeSignedZone(lab)
    const ours = await startOurs(lab, 'plain', plain, ADDRESSES.ours)
    const oursSigned = await startOurs(lab, 'signed', signed, ADDRESSES.resolver)
    const oursSigning = await startOurs(lab, 'signing', plain, ADDRESSES.upstream, 'sign')
    const named = await startNamed(lab, 'plain', plain, ADDRESSES.named)
    const namedSigned = await startNamed(lab, 'signed', signed, ADDRESSES.bindResolver)
    const compared = (
      name: string,
      unit: string,
      servers: readonly [Server, Server],
      cost: (server: Server) => Promise<number>,
    ): Comparison => ({
      name,
      unit,
      peer: 'named',
      goal: 0.5,
      ours: () => cost(servers[0]),
      theirs: () => cost(servers[1]),
    })
    return [
      compared('UPDATE, one by one, CPU', 'us', [ours, named], async (server) => (await oneByOne(lab, server)).cpu),
      // What passes is the disk's time, and on a busy machine that of others: no goal stands on it.
      {
        ...compared(
          'UPDATE, one by one, as it passes',
          'us',
          [ours, named],
          async (server) => (await oneByOne(lab, server)).passed,
        ),
        goal: undefined,
      },
      compared('UPDATE, 20 under way, CPU', 'us', [ours, named], (server) => together(lab, server)),
      compared('AXFR of 7,000 records, CPU', 'ms', [oursSigned, namedSigned], (server) => transfers(lab, server)),
      compared('UPDATE of a signed zone, CPU', 'us', [oursSigning, namedSigned], (server) =>
        together(lab, server, 500),
      ),
    ]
  },
}

/** Microseconds for each of a sequence of updates from nsupdate, each waiting for the one before. */
async function oneByOne(
  lab: Lab,
  { pid, address }: Server,
): Promise<{ readonly cpu: number; readonly passed: number }> {
  const count = 300
  const lines = [`server ${address}`, `zone ${ORIGIN}`, `key hmac-sha256:bench.key ${BASE64}`]
  for (let i = 0; i < count; i++) lines.push(`update add ${fresh()} 60 A 127.0.0.1`, 'send')
  const file = path.join(lab.directory, 'updates')
  writeFileSync(file, `${lines.join('\n')}\n`)
  const [started, before] = [performance.now(), cpuSeconds(pid)]
  await lab.run('nsupdate', [file])
  const passed = ((performance.now() - started) * 1000) / count
  return { cpu: ((cpuSeconds(pid) - before) * 1e6) / count, passed }
}

/** Microseconds of CPU that the server spends on an update when many come at once. */
async function together(lab: Lab, { pid, address }: Server, count = 2000): Promise<number> {
  const lines: string[] = []
  for (let i = 0; i < count; i++) lines.push(ORIGIN, `add ${fresh()}. 60 A 127.0.0.1`, 'send')
  const file = path.join(lab.directory, 'many-updates')
  writeFileSync(file, `${lines.join('\n')}\n`)
  const before = cpuSeconds(pid)
  const said = await lab.run('dnsperf', ['-u', '-s', address, '-d', file, '-y', KEY, '-q', '20', '-c', '1', '-n', '1'])
  const completed = Number(/Updates completed:\s+(\d+)/.exec(said)?.[1] ?? 0)
  if (completed < count * 0.95 || !/NOERROR/.test(said)) throw new Error(`dnsperf: ${said}`)
  return ((cpuSeconds(pid) - before) * 1e6) / completed
}

/** Milliseconds of CPU that the server spends on giving the whole zone away. */
async function transfers(lab: Lab, { pid, address }: Server): Promise<number> {
  const count = 20
  const before = cpuSeconds(pid)
  for (let i = 0; i < count; i++) {
    const said = await lab.run('dig', [`@${address}`, '-y', KEY, ORIGIN, 'AXFR', '+noall', '+stats'])
    if (!/XFR size: \d{4} records/.test(said)) throw new Error(`dig: ${said}`)
  }
  return ((cpuSeconds(pid) - before) * 1000) / count
}

let names = 0
const fresh = (): string => `u${names++}.${ORIGIN}`

async function startOurs(lab: Lab, name: string, file: string, address: string, ...more: string[]): Promise<Server> {
  const store = path.join(lab.directory, `${name}.sqlite`)
  const { pid } = await lab.serveOurs('transfer-server.ts', [address, file, store, SECRET.toHex(), ...more], address)
  return { pid, address }
}

async function startNamed(lab: Lab, name: string, file: string, address: string): Promise<Server> {
  const copy = path.join(lab.directory, `${name}.zone`) // named writes it, and a journal beside
  copyFileSync(file, copy)
  const configuration = path.join(lab.directory, `${name}.conf`)
  writeFileSync(
    configuration,
    `options { directory "${lab.directory}"; listen-on port 53 { ${address}; }; listen-on-v6 { none; }; recursion no;
  notify no; dnssec-validation no; pid-file none; session-keyfile none; lock-file none; };
controls { };
key "bench.key" { algorithm hmac-sha256; secret "${BASE64}"; };
zone "${ORIGIN}" { type primary; file "${copy}"; allow-update { key "bench.key"; }; allow-transfer { key "bench.key"; };
  key-directory "${lab.directory}"; sig-validity-interval 30; };
`,
  )
  const { pid } = await lab.serve('named', ['-n', '1', '-g', '-c', configuration], address)
  return { pid, address }
}
