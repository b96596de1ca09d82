// Short ways to make the values that tests need.

import { type DomainName, type Mailbox, parseDomainName, parseMailbox } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { type Address, type Credentials, DEFAULT_LIMITS, type Limits, parseAddress } from '../src/index.ts'

export const mailbox = (text: string): Mailbox => expectOk(parseMailbox(text, { utf8: true }), `read ${text}`)
export const address = (text: string): Address => expectOk(parseAddress(text), `read ${text}`)
export const domain = (text: string): DomainName => expectOk(parseDomainName(text), `read ${text}`)

/** Argon2 and SCRAM at the least cost that is allowed. */
export const CHEAP: Limits = {
  ...DEFAULT_LIMITS,
  scramIterations: 4096,
  argon2: { memoryKibibytes: 8, passes: 1, parallelism: 1 },
}

export const CREDENTIALS: Credentials = {
  scram: {
    salt: new Uint8Array(16).fill(1),
    iterations: 4096,
    storedKey: new Uint8Array(32).fill(2),
    serverKey: new Uint8Array(32).fill(3),
  },
  argon2id: {
    memoryKibibytes: 19456,
    passes: 2,
    parallelism: 1,
    salt: new Uint8Array(16).fill(4),
    hash: new Uint8Array(32).fill(5),
  },
}
