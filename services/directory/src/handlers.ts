// What the directory answers over its pipe.

import type { Figures } from '@scop/bottle'
import type { Handlers, Log } from '@scop/bottle/node'
import {
  type Address,
  addressOf,
  type Because,
  type Edit,
  parseAddress,
  resolveMailbox,
  type Snapshot,
} from '@scop/directory'
import type { Directory } from '@scop/directory/node'
import {
  type DomainName,
  formatMailbox,
  type Mailbox,
  parseInternationalDomainName,
  parseMailbox,
} from '@scop/identifiers'
import { PipeRefusal } from '@scop/mesh/node'
import { decodeBase64, encodeBase64 } from '@scop/octets'
import { describeChangeError } from './describe-change-error.ts'

export type DirectoryHandlersOptions = {
  readonly directory: Directory
  /** Mail for the server itself (`postmaster@hostname`, RFC 5321 §4.5.1) is mail for the first of our domains. */
  readonly hostname: DomainName
  readonly log: Log
  readonly figures: Figures
}

export function directoryHandlers({
  directory,
  hostname,
  log,
  figures,
}: DirectoryHandlersOptions): Handlers<'directory'> {
  const atOurDomain = (mailbox: Mailbox): Mailbox => {
    if (mailbox.domain !== hostname || mailbox.localPart.toLowerCase() !== 'postmaster') return mailbox
    const domains = directory.latest().domains
    const [first] = [...domains.keys()].toSorted()
    return first === undefined || domains.has(hostname) ? mailbox : { ...mailbox, domain: first }
  }
  const settle = (changed: Awaited<ReturnType<Directory['change']>>, doing: string, because: Because) => {
    const { author, reason } = because
    if (!changed.ok) {
      const refusal = describeChangeError(changed.error)
      log.warn('change refused', { doing, author, reason, kind: refusal.kind, because: refusal.reason })
      throw new PipeRefusal(refusal.kind, refusal.reason)
    }
    figures.add('changes_total')
    log.info('changed', { doing, author, reason, commit: changed.value.commit })
    return { response: { commit: changed.value.commit } }
  }
  const change = async (edit: Edit, because: Because) =>
    settle(await directory.change(because, [edit]), edit.kind, because)

  return {
    resolve: async ({ request }) => {
      const found = await directory.resolve(atOurDomain(readMailbox(request.mailbox)))
      if (found.kind !== 'ours') return { response: { kind: found.kind } }
      return { response: { kind: 'ours', accounts: [...found.accounts], forwards: found.forwards.map(formatMailbox) } }
    },
    owns: async ({ request }) => {
      const [account, mailbox] = [parseAddress(request.account), parseMailbox(request.mailbox, { utf8: true })]
      const owns = account.ok && mailbox.ok && (await directory.owns(account.value, mailbox.value))
      return { response: { owns } }
    },
    'verify-password': async ({ request, peer, trace }) => {
      const verified = await directory.verifyPassword(request.username, request.password)
      figures.add('password_checks_total')
      if (verified.ok) return { response: { kind: 'verified', account: verified.value } }
      if (verified.error.kind === 'temporary-failure') throw busy()
      figures.add('password_refusals_total')
      log.warn('password refused', { username: request.username, peer, trace })
      return { response: { kind: 'refused' } }
    },
    'scram-parameters': async ({ request }) => {
      const parameters = await directory.scramParameters(request.username)
      if (!parameters.ok) throw busy()
      const { salt, iterations } = parameters.value
      return { response: { salt: encodeBase64(salt), iterations } }
    },
    'verify-scram': async ({ request, peer, trace }) => {
      const [authMessage, clientProof] = [readBase64(request.authMessage), readBase64(request.clientProof)]
      const verified = await directory.verifyScram(request.username, authMessage, clientProof)
      figures.add('scram_checks_total')
      if (verified.ok) {
        const { identity, serverSignature } = verified.value
        return { response: { kind: 'verified', account: identity, serverSignature: encodeBase64(serverSignature) } }
      }
      if (verified.error.kind === 'temporary-failure') throw busy()
      figures.add('scram_refusals_total')
      log.warn('proof refused', { username: request.username, peer, trace })
      return { response: { kind: 'refused' } }
    },
    'list-domains': async () => ({ response: { domains: [...(await directory.domains())] } }),
    'list-accounts': async () => ({ response: { accounts: listAccounts(await directory.snapshot()) } }),
    'add-domain': ({ request }) => change({ kind: 'add-domain', domain: readDomain(request.domain) }, request),
    'remove-domain': ({ request }) => change({ kind: 'remove-domain', domain: readDomain(request.domain) }, request),
    'add-account': ({ request: { account, password, ...because } }) =>
      change({ kind: 'add-account', account: readAddress(account), password }, because),
    'set-password': ({ request: { account, password, ...because } }) =>
      change({ kind: 'set-password', account: readAddress(account), password }, because),
    'remove-account': ({ request }) =>
      change({ kind: 'remove-account', account: readAddress(request.account) }, request),
    'add-alias': ({ request }) =>
      change(
        { kind: 'add-alias', alias: readAddress(request.alias), targets: request.targets.map(readMailbox) },
        request,
      ),
    'remove-alias': ({ request }) => change({ kind: 'remove-alias', alias: readAddress(request.alias) }, request),
    history: async ({ request }) => {
      const changes = (await directory.history(request.limit)).map(({ commit, author, reason, atMs }) => {
        return { commit, author: author.slice(0, TEXT_MOST), reason: reason.slice(0, TEXT_MOST), atMs }
      })
      return { response: { changes } }
    },
    restore: async ({ request }) => settle(await directory.restore(request.commit, request), 'restore', request),
  }
}

/** Each account with the aliases that reach it, by name. */
function listAccounts(snapshot: Snapshot): { name: string; aliases: string[] }[] {
  const aliases = new Map<Address, string[]>()
  for (const account of [...snapshot.accounts.keys()].toSorted()) aliases.set(account, [])
  for (const alias of [...snapshot.aliases.keys()].toSorted()) {
    const reached = resolveMailbox(snapshot, readMailbox(alias))
    if (reached.kind === 'ours') for (const account of reached.accounts) aliases.get(account)?.push(alias)
  }
  return [...aliases].map(([name, of]) => ({ name, aliases: of }))
}

function readMailbox(text: string): Mailbox {
  const mailbox = parseMailbox(text, { utf8: true })
  if (!mailbox.ok) throw new PipeRefusal('bad-request', `"${text}" is not a mailbox: ${mailbox.error.kind}`)
  return mailbox.value
}

function readAddress(text: string): Address {
  const address = addressOf(readMailbox(text))
  if (!address.ok) throw new PipeRefusal('bad-request', `"${text}" cannot be an address here: ${address.error.kind}`)
  return address.value
}

function readDomain(text: string): DomainName {
  const domain = parseInternationalDomainName(text)
  if (!domain.ok) throw new PipeRefusal('bad-request', `"${text}" is not a domain name: ${domain.error.kind}`)
  return domain.value
}

function readBase64(text: string): Uint8Array {
  const octets = decodeBase64(text)
  if (!octets.ok) throw new PipeRefusal('bad-request', 'not base64')
  return octets.value
}

const busy = (): PipeRefusal => new PipeRefusal('temporary', 'the directory cannot answer now')
const TEXT_MOST = 4096 // characters, by the contract: a pushed commit may say more
