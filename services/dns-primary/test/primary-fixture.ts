// The service without its process and its sockets: operations as the pipe makes them, and a clock that stands until moved.

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createFigures, type Figures, type Operation, type Request, type Response, settingsFor } from '@scop/bottle'
import { parseConfiguration } from '@scop/bottle/configuration'
import type { Log } from '@scop/bottle/node'
import {
  decodeMessage,
  encodeMessage,
  type Name,
  parseName,
  type ResourceRecord,
  ROOT,
  signMessage,
  updateMessage,
} from '@scop/dns'
import { createPrimary, openZoneStore, type Primary, type PrimaryEvent } from '@scop/dns/node'
import { expectOk } from '@scop/result'
import { openZoneHistory, type ZoneHistory } from '@scop/zone-history/node'
import { keyHandlers } from '../src/key-handlers.ts'
import { openKeyFiles } from '../src/key-files.ts'
import type { Pause } from '../src/in-steps.ts'
import { noteEvent } from '../src/note-event.ts'
import type { AskParent } from '../src/parent-ds.ts'
import { type ReputationZone, reputationZone } from '../src/reputation-zone.ts'
import { createSignedZones, type SignedZones } from '../src/signed-zones.ts'
import { signerKey } from '../src/signer-key.ts'
import { zoneHandlers } from '../src/zone-handlers.ts'
import { zonePolicies } from '../src/zone-policy.ts'

export type Op = Exclude<Operation<'dns-primary'>, 'health' | 'metrics'>

export type Started = {
  readonly directory: string
  readonly primary: Primary
  readonly signed: SignedZones
  readonly reputation: ReputationZone
  /** One operation; `text` goes as its octets, and what comes as octets is `text` in the answer. */
  readonly ask: <O extends Op>(
    operation: O,
    request: Request<'dns-primary', O>,
    text?: string,
  ) => Promise<Response<'dns-primary', O> & { readonly text: string }>
  /** The response code to an update, signed with the signer's key. */
  readonly update: (zone: string, records: readonly ResourceRecord[]) => Promise<number>
  readonly figures: Figures
  readonly lines: readonly string[]
  /** Milliseconds since 1970. */
  readonly clock: { now: number }
  readonly stop: () => Promise<void>
}

export const SECRET = {
  name: 'signer._update.one',
  algorithm: 'hmac-sha256',
  secret: new Uint8Array(32).toBase64(),
} as const
export const BECAUSE = { author: 'root', reason: 'test' }
export const nameOf = (text: string): Name => expectOk(parseName(text, ROOT), 'read')

/** `yaml`: lines of bottle.yaml's `dns-primary`; `more`: others below it. */
export function startPrimary(
  t: TestContext,
  {
    yaml = '',
    more = '',
    directory = temporary(t),
    askParent = async () => ({ ok: false, error: 'nobody' }),
    clock = { now: Date.UTC(2026, 10, 25) },
    pause = () => undefined,
  }: {
    readonly yaml?: string
    readonly more?: string
    readonly directory?: string
    readonly askParent?: AskParent
    readonly clock?: { now: number }
    /** Default: all work is done at once. */
    readonly pause?: Pause
  } = {},
): Started {
  const { key, grant } = expectOk(signerKey(SECRET), 'read the key')
  const configuration = expectOk(
    parseConfiguration(`${BASE}dns-primary: { ${yaml} }\n${more}`),
    'read the configuration',
  )
  const policyOf = zonePolicies(settingsFor('dns-primary', configuration))
  const figures = createFigures()
  const lines: string[] = []
  const note = (event: string, facts: object = {}): void => void lines.push(`${event} ${JSON.stringify(facts)}`)
  const log: Log = { debug: note, info: note, warn: note, error: note }
  const now = (): number => clock.now
  const signed = createSignedZones({
    files: openKeyFiles(join(directory, 'keys')),
    policyOf,
    askParent,
    log,
    now,
    random: () => 0.5,
    pause,
  })
  const store = openZoneStore(join(directory, 'zones.sqlite'))
  let written: Promise<ZoneHistory> | undefined
  const onEvent = (event: PrimaryEvent): void => {
    noteEvent(event, log, figures)
    void written?.then((opened) => opened.note(event))
  }
  const primary = expectOk(
    createPrimary({
      store,
      keys: [key],
      grants: [grant],
      answering: { onlineSigner: signed.onlineSigner },
      onEvent,
      onChange: signed.onChange,
      now,
    }),
    'load',
  )
  signed.start(primary)
  let stopped = false
  const stop = async (): Promise<void> => {
    if (stopped) return
    stopped = true
    signed.stop()
    await (await written)?.close()
    store.close()
  }
  t.after(stop)
  // Opened when it is asked for: it reads from the store what it has missed.
  const settled = async (): Promise<ZoneHistory> => {
    written ??= openZoneHistory({
      path: join(directory, 'zones.git'),
      source: { zones: () => primary.zones(), changesSince: (origin, serial) => store.changesSince(origin, serial) },
      randomOctets: (count) => randomBytes(count),
    })
    const opened = await written
    await opened.settled()
    return opened
  }
  const history = {
    log: async (...given: Parameters<ZoneHistory['log']>) => (await settled()).log(...given),
    zoneAt: async (...given: Parameters<ZoneHistory['zoneAt']>) => (await settled()).zoneAt(...given),
  }
  const { reputation: wanted } = settingsFor('dns-primary', configuration)
  const reputation = reputationZone({ settings: wanted, primary, signed, policyOf, now })
  const handlers = {
    ...zoneHandlers({ primary, signed, history, policyOf, log, figures, now }),
    ...keyHandlers({ primary, signed, log, figures }),
    'publish-reputation': (call: Parameters<typeof reputation.publish>[0]) => reputation.publish(call),
  }
  return {
    directory,
    primary,
    signed,
    reputation,
    clock,
    ask: async (operation, request, text = '') => {
      const octets = async function* (): AsyncGenerator<Uint8Array> {
        yield Buffer.from(text, 'latin1')
      }
      const call = { peer: 'operator', trace: '', request, octets: octets(), tail: async () => undefined }
      type Answered = { readonly response: object; readonly octets?: AsyncIterable<Uint8Array> }
      // as: one call of the union, as the pipe makes it once the contract has checked the request
      const answer = await (handlers[operation] as (call: object) => Promise<Answered>)(call)
      const chunks: Uint8Array[] = []
      for await (const chunk of answer.octets ?? []) chunks.push(chunk)
      return { ...answer.response, text: Buffer.concat(chunks).toString('latin1') } as never // as: the operation's own answer
    },
    update: async (zone, records) => {
      const { octets } = encodeMessage(updateMessage(1, nameOf(zone), [], records))
      const seconds = Math.floor(clock.now / 1000)
      const message = signMessage(octets, key, { now: seconds })
      const peer = { address: '127.0.0.1', port: 9 }
      const reply = await primary.handle({ octets: message.octets, transport: 'tcp', peer, now: seconds })
      return expectOk(decodeMessage(reply instanceof Uint8Array ? reply : new Uint8Array(0)), 'decode').rcode
    },
    figures,
    lines,
    stop,
  }
}

export function temporary(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'scop-primary-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}

export const BASE = `bottle: one
hostname: mx.one.example
public-address: 127.0.0.1
listen: { submissions: "127.0.0.1:465", submission: "127.0.0.1:587", smtp: "127.0.0.1:25", dns: "127.0.0.1:53" }
`
