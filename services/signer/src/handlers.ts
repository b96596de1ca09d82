// What the signer answers over its pipe.

import { type Figures, parseEnvelope } from '@scop/bottle'
import type { Calls, Handlers, Log } from '@scop/bottle/node'
import { type DomainName, parseDomainName } from '@scop/identifiers'
import { PipeRefusal } from '@scop/mesh/node'
import type { DomainKey, KeyStore } from './key-store.ts'
import type { Publish } from './publish.ts'
import { signMessage } from './sign-message.ts'

export function signerHandlers(options: {
  readonly keys: KeyStore
  readonly publish: Publish
  readonly expireAfterSeconds: number
  readonly calls: Calls
  readonly now: () => number
  readonly log: Log
  readonly figures: Figures
}): Handlers<'signer'> {
  const { keys, publish, expireAfterSeconds, calls, now, log, figures } = options

  /** The domain's keys that are published; made if there are none, published again where asked. */
  const prepared = async (domain: DomainName, again: boolean): Promise<readonly DomainKey[]> => {
    const all = await keys.create(domain, now())
    const refused = new Set<DomainKey['selector']>()
    for (const key of all) {
      if (key.publishedAtMs !== undefined && !again) continue
      const published = await publish(key)
      if (!published.ok) {
        log.error('cannot publish a key', { domain, selector: key.selector, reason: published.error.reason })
        refused.add(key.selector)
        continue
      }
      await keys.published(domain, key.selector, now())
      figures.add('keys_published_total')
      log.info('key published', { domain, selector: key.selector, algorithm: key.algorithm, name: key.name })
    }
    return keys.keysOf(domain).filter(({ selector }) => !refused.has(selector))
  }
  const underWay = new Map<DomainName, Promise<readonly DomainKey[]>>()
  const prepare = (domain: DomainName): Promise<readonly DomainKey[]> => {
    const current = underWay.get(domain) ?? prepared(domain, false).finally(() => underWay.delete(domain))
    underWay.set(domain, current)
    return current
  }
  const usable = async (domain: DomainName): Promise<readonly DomainKey[]> => {
    const there = keys.keysOf(domain)
    const all =
      there.length > 0 && there.every(({ publishedAtMs }) => publishedAtMs !== undefined)
        ? there
        : await prepare(domain)
    return all.filter(({ publishedAtMs }) => publishedAtMs !== undefined)
  }
  return {
    submit: async ({ request, octets, trace, signal }) => {
      const envelope = parseEnvelope(request)
      if (!envelope.ok) throw new PipeRefusal('bad-request', envelope.error.reason)
      const domain = envelope.value.sender?.domain
      if (typeof domain !== 'string') throw new PipeRefusal('bad-request', 'a submission has a sender with a domain')
      const usableKeys = await usable(domain)
      // Unsigned mail of ours would look like a forgery: it waits until its keys can be published.
      if (usableKeys.length < KEYS_PER_DOMAIN)
        throw new PipeRefusal('temporary', `the keys of ${domain} are not published`)
      const signed = await signMessage(octets, usableKeys, { nowMs: now(), expireAfterSeconds })
      if (!signed.ok) throw new PipeRefusal('bad-message', signed.error.kind)
      const enqueued = await calls.call('relay', 'enqueue', request, {
        trace,
        signal,
        octets: signed.value.octets,
        tail: () => ({ above: signed.value.finish().toBase64() }),
      })
      if (!enqueued.ok) {
        log.warn('not enqueued', { trace, reason: enqueued.error.reason })
        if (enqueued.error.kind === 'failed') throw new PipeRefusal(enqueued.error.failure, enqueued.error.reason)
        throw new PipeRefusal('temporary', 'the relay does not answer')
      }
      figures.add('messages_signed_total')
      log.info('signed', {
        trace,
        queueId: enqueued.value.response.queueId,
        selectors: usableKeys.map(({ selector }) => selector),
      })
      return { response: enqueued.value.response }
    },
    'prepare-domain': async ({ request }) => {
      const domain = parseDomainName(request.domain)
      if (!domain.ok) throw new PipeRefusal('bad-request', `"${request.domain}" is not a domain name`)
      // Again, whatever was noted: the zone may have been removed and made anew since.
      const all = await prepared(domain.value, true)
      const published = all.flatMap((key) =>
        key.publishedAtMs === undefined ? [] : [{ ...describe(key), publishedAtMs: key.publishedAtMs }],
      )
      if (published.length < keys.keysOf(domain.value).length)
        throw new PipeRefusal('temporary', `the primary did not take the keys of ${domain.value}`)
      return { response: { keys: published } }
    },
    keys: async () => ({
      response: {
        keys: keys.all().map((key) => ({
          domain: key.domain,
          ...describe(key),
          ...(key.publishedAtMs !== undefined && { publishedAtMs: key.publishedAtMs }),
        })),
      },
    }),
  }
}

const describe = ({ selector, algorithm, name, record }: DomainKey) => ({ selector, algorithm, name, record })

const KEYS_PER_DOMAIN = 2
