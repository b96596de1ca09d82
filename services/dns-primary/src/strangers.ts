// How strangers are answered: kept answers, cookies with a secret that changes, a bound to what one network is sent,
// and what they may know of us.
// RFC 9018 §5 (secrets), RFC 7828 (keepalive), RFC 5001 (NSID), RFC 4892 (class CH)

import { randomBytes } from 'node:crypto'
import type { Settings } from '@scop/bottle'
import {
  type Answering,
  AnswerPackets,
  type AnswerKind,
  type CookieSecrets,
  RateLimiter,
  type RateVerdict,
} from '@scop/dns'
import { encodeAscii } from '@scop/octets'

export type Strangers = Required<Pick<Answering, 'packets' | 'cookies' | 'keepaliveMs'>> &
  Pick<Answering, 'rateLimiter' | 'nsid' | 'self'>

export function answerStrangers(
  settings: Pick<Settings<'dns-primary'>, 'rate-limit' | 'cookie-secret' | 'identity' | 'version'>,
  { keepaliveMs, now }: { readonly keepaliveMs: number; readonly now: () => number },
): Strangers {
  const { answers, denials, referrals, errors, slip } = settings['rate-limit']
  const perSecond = { answer: answers, denial: denials, referral: referrals, error: errors }
  const fixed = settings['cookie-secret']
  const { identity, version } = settings
  return {
    packets: new AnswerPackets(),
    cookies: fixed === undefined ? rotatingSecrets(now) : fixedSecret(Uint8Array.fromHex(fixed)),
    keepaliveMs,
    self: { identity, version },
    ...(identity !== undefined && { nsid: encodeAscii(identity) }),
    ...(answers > 0 && { rateLimiter: new LimiterOfStrangers(randomBytes(4).readUInt32BE(), { perSecond, slip }) }),
  }
}

/** No datagram of another machine has a loopback address: who has one is of this machine, and is not held down. */
class LimiterOfStrangers extends RateLimiter {
  override judge(address: string, kind: AnswerKind, zone: string, now: number): RateVerdict {
    return LOOPBACK.test(address) ? 'send' : super.judge(address, kind, zone, now)
  }
}

function fixedSecret(signing: Uint8Array): () => CookieSecrets {
  const secrets = { signing, accepted: [] }
  return () => secrets
}

/** A new one each day; that of the day before is taken still. */
function rotatingSecrets(now: () => number): () => CookieSecrets {
  let since = now()
  let secrets: CookieSecrets = { signing: randomBytes(SECRET_OCTETS), accepted: [] }
  return () => {
    if (now() - since >= DAY_MS) {
      since = now()
      secrets = { signing: randomBytes(SECRET_OCTETS), accepted: [secrets.signing] }
    }
    return secrets
  }
}

const LOOPBACK = /^(?:::ffff:)?127\.|^::1$/
const SECRET_OCTETS = 16
const DAY_MS = 86_400_000
