// Findings about a domain: each check asks, judges, and says what to do.
// RFC 1034 §4.2.2 (two servers), RFC 1912 §2.8 (agreement with the parent), RFC 4035 §5 (DS and DNSKEY), RFC 7344 §4 (CDS),
// RFC 5321 §5.1 and RFC 7505 (MX), RFC 7208 §4.5 (one SPF record), RFC 7489 §6.6.3 (DMARC), RFC 7672 §2.2 (TLSA)

import {
  A,
  AAAA,
  CDS,
  CNAME,
  decodeRdata,
  DNSKEY,
  DS,
  type DsData,
  equalNames,
  formatName,
  type Message,
  MX,
  type Name,
  NS,
  parentName,
  parseName,
  parseRecords,
  type RecordType,
  RCODE,
  ROOT,
  SOA,
  TLSA,
  TXT,
} from '@scop/dns'
import { askServer } from '@scop/dns/node'
import { createAlgorithms, matchDs } from '@scop/dnssec'
import { concatOctets } from '@scop/octets'
import { expectOk } from '@scop/result'
import type { Answered, Questions } from './questions.ts'

export type Finding = {
  readonly level: 'good' | 'note' | 'wrong'
  /** What was looked at. */
  readonly what: string
  /** What was found. */
  readonly said: string
  /** What to do about it. */
  readonly todo?: string
}

type Server = { readonly name: string; readonly address: string; readonly port: number }
type Asked = Server & { readonly reply: Message | undefined; readonly reason: string }

/** In the order in which one rests on another; what cannot be looked at is left out. */
export async function findings(domain: string, questions: Questions): Promise<readonly Finding[]> {
  const name = nameOf(domain)
  const soa = await questions.ask(name, SOA.code)
  const resolves = judgeResolution(domain, soa)
  if (resolves.level === 'wrong') return [resolves]
  return [
    resolves,
    ...(await delegationFindings(name, questions)),
    ...(await dnssecFindings(name, soa, questions)),
    ...(await mailFindings(name, questions)),
  ]
}

export function judgeResolution(domain: string, { rcode, status, ede, answer }: Answered): Finding {
  const what = 'resolution'
  const why = ede.map(({ code, text }) => (text === '' ? `EDE ${code}` : text)).join('; ')
  if (status === 'bogus') {
    return {
      level: 'wrong',
      what,
      said: `not validly signed${why === '' ? '' : `: ${why}`}`,
      todo: `compare DS and keys: scop dns key ds ${domain}; the steps: scop dns query ${domain} SOA --trace`,
    }
  }
  if (rcode === 'NXDOMAIN') {
    return {
      level: 'wrong',
      what,
      said: 'the name does not exist',
      todo: 'register it, or delegate it in its parent zone',
    }
  }
  if (rcode !== 'NOERROR') {
    const todo = `see where it stops: scop dns query ${domain} SOA --trace`
    return { level: 'wrong', what, said: `${rcode}${why === '' ? '' : `: ${why}`}`, todo }
  }
  if (recordsOf(answer, SOA).length === 0) {
    return {
      level: 'wrong',
      what,
      said: 'the name exists and is no zone',
      todo: `add the zone: scop domain add ${domain}`,
    }
  }
  return { level: 'good', what, said: `found, ${status}` }
}

async function delegationFindings(name: Name, questions: Questions): Promise<readonly Finding[]> {
  const answer = await questions.ask(name, NS.code)
  const names = recordsOf(answer.answer, NS).map((ns) => formatName(ns.name))
  const servers = await serversOf(name, names, questions)
  const found: Finding[] = [
    names.length >= 2
      ? { level: 'good', what: 'name servers', said: names.join(', ') }
      : {
          level: 'note',
          what: 'name servers',
          said: names[0] ?? 'none',
          todo: 'a second server, in another network, keeps the names reachable when one fails',
        },
  ]
  for (const missing of names.filter((one) => !servers.some(({ name: has }) => has === one))) {
    found.push({
      level: 'wrong',
      what: missing,
      said: 'has no address',
      todo: `publish an A or AAAA record for ${missing}`,
    })
  }
  const asked = await Promise.all(servers.map((server) => askOne(server, name, SOA.code)))
  return [...found, ...judgeServers(name, asked), ...(await parentFindings(name, names, questions))]
}

/** Whether each server answers with authority, and all with the same serial. */
export function judgeServers(name: Name, asked: readonly Asked[]): readonly Finding[] {
  const found: Finding[] = []
  const serials = new Map<string, number>()
  for (const { name: host, address, reply, reason } of asked) {
    const what = `${host} [${address}]`
    const soa = reply?.answers.find((record) => record.type === SOA.code && equalNames(record.name, name))
    const data = soa && decodeRdata(SOA, soa.rdata)
    if (reply === undefined) {
      found.push({
        level: 'wrong',
        what,
        said: `does not answer: ${reason}`,
        todo: 'start it, or take it out of the NS records',
      })
    } else if (!reply.authoritative || reply.rcode !== RCODE.NOERROR || !data?.ok) {
      const todo = 'load the zone there, or take the server out of the NS records'
      found.push({ level: 'wrong', what, said: 'does not know the zone', todo })
    } else serials.set(what, data.value.serial)
  }
  const different = new Set(serials.values())
  if (different.size === 1) {
    found.push({ level: 'good', what: 'serials', said: `${[...different].join()} at ${serials.size} addresses` })
  } else if (different.size > 1) {
    found.push({
      level: 'note',
      what: 'serials',
      said: [...serials].map(([what, serial]) => `${what} ${serial}`).join(', '),
      todo: 'right after a change this passes; if it stays, look at NOTIFY and transfers',
    })
  }
  return found
}

async function parentFindings(name: Name, names: readonly string[], questions: Questions): Promise<readonly Finding[]> {
  const what = 'parent'
  let above = name
  let servers: readonly Server[] = []
  while (servers.length === 0 && above.octets.length > 1) {
    above = parentName(above) ?? ROOT
    const answer = await questions.ask(above, NS.code)
    if (answer.rcode !== 'NOERROR') continue
    servers = await serversOf(
      above,
      recordsOf(answer.answer, NS).map((ns) => formatName(ns.name)),
      questions,
    )
  }
  const [first] = servers
  if (first === undefined) {
    return [{ level: 'note', what, said: 'no server of the parent zone is to be found: nothing to compare with' }]
  }
  const { reply, reason } = await askOne(first, name, NS.code)
  if (reply === undefined) return [{ level: 'note', what, said: `${first.name} does not answer: ${reason}` }]
  const told = [...reply.answers, ...reply.authorities]
    .filter((record) => record.type === NS.code && equalNames(record.name, name))
    .flatMap(({ rdata }) => {
      const ns = decodeRdata(NS, rdata)
      return ns.ok ? [formatName(ns.value.name)] : []
    })
  if (told.length === 0) {
    return [
      {
        level: 'wrong',
        what,
        said: `${first.name} does not delegate the name`,
        todo: `enter ${names.join(', ')} at the registrar`,
      },
    ]
  }
  const [here, there] = [names, told].map((list) =>
    list
      .map((one) => one.toLowerCase())
      .toSorted()
      .join(' '),
  )
  return here === there
    ? [{ level: 'good', what, said: 'delegates to the same servers' }]
    : [
        {
          level: 'wrong',
          what,
          said: `delegates to ${told.join(', ')}`,
          todo: 'make the parent and the NS records of the zone agree',
        },
      ]
}

async function dnssecFindings(name: Name, soa: Answered, questions: Questions): Promise<readonly Finding[]> {
  const what = 'DNSSEC'
  const [ds, keys, cds] = await Promise.all([DS, DNSKEY, CDS].map(({ code }) => questions.ask(name, code)))
  if (ds === undefined || keys === undefined || cds === undefined) return []
  return judgeDnssec(
    formatName(name),
    soa.status,
    recordsOf(ds.answer, DS),
    recordsOf(keys.answer, DNSKEY).length,
    recordsOf(ds.answer, DS).filter((one) =>
      recordsOf(keys.answer, DNSKEY).some((key) => matchDs(name, key, one, ALGORITHMS) === 'match'),
    ).length,
    recordsOf(cds.answer, CDS),
  ).map((finding) => ({ ...finding, what: finding.what === '' ? what : finding.what }))
}

export function judgeDnssec(
  domain: string,
  status: Answered['status'],
  ds: readonly DsData[],
  keys: number,
  matching: number,
  cds: readonly DsData[],
): readonly Finding[] {
  const show = `scop dns key ds ${domain}`
  if (keys === 0) {
    return ds.length === 0
      ? [
          {
            level: 'note',
            what: '',
            said: 'not signed',
            todo: `dns-primary.dnssec in bottle.yaml signs it; then ${show}`,
          },
        ]
      : [
          {
            level: 'wrong',
            what: '',
            said: 'the parent has a DS, and the zone no keys',
            todo: 'sign the zone, or have the DS removed',
          },
        ]
  }
  if (ds.length === 0) {
    return [
      {
        level: 'note',
        what: '',
        said: 'signed, but the parent has no DS',
        todo: `give the registrar what ${show} shows`,
      },
    ]
  }
  if (matching === 0) {
    return [
      {
        level: 'wrong',
        what: '',
        said: 'no DS of the parent is that of a key',
        todo: `give the registrar what ${show} shows`,
      },
    ]
  }
  const found: Finding[] = [
    status === 'secure'
      ? { level: 'good', what: '', said: `secure: ${matching} of ${ds.length} DS match ${keys} keys` }
      : {
          level: 'note',
          what: '',
          said: `signed with a matching DS, and yet ${status}`,
          todo: 'is a zone above it unsigned?',
        },
  ]
  const text = (all: readonly DsData[]): string =>
    all
      .map((one) => `${one.keyTag} ${one.algorithm} ${one.digestType} ${Buffer.from(one.digest).toString('hex')}`)
      .toSorted()
      .join()
  const wanted = cds.filter(({ algorithm }) => algorithm !== 0)
  if (cds.length > 0 && text(wanted) !== text(ds)) {
    found.push({
      level: 'note',
      what: 'CDS',
      said: 'asks the parent for other DS records than it has',
      todo: `if the parent does not read CDS: ${show}`,
    })
  }
  return found
}

async function mailFindings(name: Name, questions: Questions): Promise<readonly Finding[]> {
  const domain = text(name)
  const found: Finding[] = []
  const mx = await questions.ask(name, MX.code)
  const exchanges = recordsOf(mx.answer, MX)
  const none = exchanges.length === 1 && exchanges[0]?.exchange.octets.length === 1
  if (exchanges.length === 0) {
    found.push({
      level: 'note',
      what: 'MX',
      said: 'none: mail goes to the address of the name itself, if it has one',
      todo: `publish one: ${domain}. MX 10 HOST`,
    })
  } else if (none) found.push({ level: 'good', what: 'MX', said: 'the domain takes no mail' })
  for (const { exchange } of none ? [] : exchanges)
    found.push(...(await exchangeFindings(exchange, mx.status, questions)))
  found.push(judgeSpf(await texts(name, questions)))
  found.push(judgeDmarc(domain, await texts(nameOf(`_dmarc.${domain}`), questions)))
  found.push(...(await dkimFindings(domain, questions)))
  return found
}

async function exchangeFindings(
  exchange: Name,
  status: Answered['status'],
  questions: Questions,
): Promise<readonly Finding[]> {
  const host = text(exchange)
  const [v6, v4, tlsa] = await Promise.all([
    questions.ask(exchange, AAAA.code),
    questions.ask(exchange, A.code),
    questions.ask(nameOf(`_25._tcp.${host}`), TLSA.code),
  ])
  const addresses = [...recordsOf(v6.answer, AAAA), ...recordsOf(v4.answer, A)].map(({ address }) => address)
  const what = `MX ${host}`
  if (addresses.length === 0)
    return [{ level: 'wrong', what, said: 'has no address', todo: `publish an A or AAAA record for ${host}` }]
  const found: Finding[] =
    recordsOf(v4.answer, CNAME).length > 0
      ? [{ level: 'wrong', what, said: 'is an alias', todo: 'name the host itself in the MX record (RFC 5321 §5.1)' }]
      : [{ level: 'good', what, said: addresses.join(', ') }]
  const records = recordsOf(tlsa.answer, TLSA)
  const secure = [status, v4.status, tlsa.status].every((one) => one === 'secure')
  if (records.length > 0 && !secure) {
    found.push({
      level: 'note',
      what: `TLSA ${host}`,
      said: 'published, but not all of MX, address and TLSA are secure: it binds nobody',
      todo: 'sign the zones, and give their parents the DS',
    })
  } else if (records.length > 0)
    found.push({ level: 'good', what: `TLSA ${host}`, said: `${records.length} records, secure` })
  else
    found.push({
      level: 'note',
      what: `TLSA ${host}`,
      said: 'none: TLS from others can be stripped on the way',
      todo: `publish _25._tcp.${host}. TLSA 3 1 1 … of its certificate`,
    })
  return found
}

export function judgeSpf(all: readonly string[]): Finding {
  const spf = all.filter((one) => /^v=spf1(?: |$)/i.test(one))
  const what = 'SPF'
  if (spf.length === 1) return { level: 'good', what, said: spf[0] ?? '' }
  return spf.length === 0
    ? { level: 'note', what, said: 'none', todo: 'publish a TXT record such as "v=spf1 mx -all"' }
    : { level: 'wrong', what, said: `${spf.length} records: readers then take none of them`, todo: 'keep one' }
}

export function judgeDmarc(domain: string, all: readonly string[]): Finding {
  const dmarc = all.filter((one) => /^v=DMARC1(?:[; ]|$)/.test(one))
  const what = 'DMARC'
  if (dmarc.length === 1) return { level: 'good', what, said: dmarc[0] ?? '' }
  return dmarc.length === 0
    ? {
        level: 'note',
        what,
        said: 'none',
        todo: `publish _dmarc.${domain}. TXT "v=DMARC1; p=none; rua=mailto:postmaster@${domain}"`,
      }
    : { level: 'wrong', what, said: `${dmarc.length} records: readers then take none of them`, todo: 'keep one' }
}

/** Only the signer knows the selectors. */
async function dkimFindings(domain: string, questions: Questions): Promise<readonly Finding[]> {
  const { bottle } = questions
  if (bottle === undefined) return []
  const { keys } = await bottle.ask('signer', 'keys', {})
  const found: Finding[] = []
  for (const key of keys.filter((one) => one.domain === domain)) {
    const published = (await texts(nameOf(key.name), questions)).includes(key.record)
    found.push(
      published
        ? { level: 'good', what: 'DKIM', said: `${key.selector} (${key.algorithm})` }
        : {
            level: 'wrong',
            what: 'DKIM',
            said: `${key.selector} is not what the signer signs with`,
            todo: `scop dkim publish ${domain}`,
          },
    )
  }
  if (found.length > 0) return found
  return [
    {
      level: 'note',
      what: 'DKIM',
      said: 'the signer has no key for it',
      todo: `scop dkim publish ${domain}, if it sends mail from here`,
    },
  ]
}

async function texts(name: Name, questions: Questions): Promise<readonly string[]> {
  const answer = await questions.ask(name, TXT.code)
  return recordsOf(answer.answer, TXT).map(({ strings }) => Buffer.from(concatOctets(strings)).toString('latin1'))
}

/** Addresses of name servers; a zone of ours is asked where our own primary listens. */
async function serversOf(zone: Name, names: readonly string[], questions: Questions): Promise<readonly Server[]> {
  const { bottle } = questions
  if (bottle !== undefined) {
    const { zones } = await bottle.ask('dns-primary', 'list-zones', {})
    if (zones.some((one) => equalNames(nameOf(one.zone), zone))) {
      const { address, port } = bottle.configuration.listen.dns
      return names.map((name) => ({ name, address, port }))
    }
  }
  const servers: Server[] = []
  for (const host of names) {
    const [v6, v4] = await Promise.all([questions.ask(nameOf(host), AAAA.code), questions.ask(nameOf(host), A.code)])
    for (const { address } of [...recordsOf(v4.answer, A), ...recordsOf(v6.answer, AAAA)]) {
      servers.push({ name: host, address, port: 53 })
    }
  }
  return servers
}

async function askOne(server: Server, name: Name, type: number): Promise<Asked> {
  const reply = await askServer({ server, name, type, recursionDesired: false })
  return reply.ok
    ? { ...server, reply: reply.value, reason: '' }
    : { ...server, reply: undefined, reason: reply.error.reason }
}

/** The records of one type among lines of a zone file. */
export function recordsOf<T>(lines: readonly string[], type: RecordType<T>): readonly T[] {
  const records = parseRecords(`${lines.join('\n')}\n`, ROOT)
  if (!records.ok) return []
  return records.value.flatMap((record) => {
    if (record.type !== type.code) return []
    const data = decodeRdata(type, record.rdata)
    return data.ok ? [data.value] : []
  })
}

const nameOf = (text: string): Name => expectOk(parseName(text, ROOT), `read "${text}"`)
const text = (name: Name): string => formatName(name).replace(/(?<=.)\.$/, '')
const ALGORITHMS = createAlgorithms()
