// Who is ours: mailboxes, credentials, domains, and their history.

import * as v from 'valibot'
import { ADDRESS, BASE64, BECAUSE, COMMON, COUNT, NAME, NOTHING, TEXT, TIME } from './contract-shapes.ts'

export const DIRECTORY_CONTRACT = {
  ...COMMON,
  /** Whether a mailbox is ours, and whom it reaches after aliases. */
  resolve: {
    request: v.strictObject({ mailbox: ADDRESS }),
    response: v.variant('kind', [
      v.strictObject({ kind: v.literal('ours'), accounts: v.array(ADDRESS), forwards: v.array(ADDRESS) }),
      v.strictObject({ kind: v.literal('unknown') }),
      v.strictObject({ kind: v.literal('not-ours') }),
    ]),
  },
  'verify-password': {
    request: v.strictObject({ username: ADDRESS, password: TEXT }),
    response: v.variant('kind', [
      v.strictObject({ kind: v.literal('verified'), account: ADDRESS }),
      v.strictObject({ kind: v.literal('refused') }),
    ]),
  },
  'scram-parameters': {
    request: v.strictObject({ username: ADDRESS }),
    response: v.strictObject({ salt: BASE64, iterations: COUNT }),
  },
  'verify-scram': {
    request: v.strictObject({ username: ADDRESS, authMessage: BASE64, clientProof: BASE64 }),
    response: v.variant('kind', [
      v.strictObject({ kind: v.literal('verified'), account: ADDRESS, serverSignature: BASE64 }),
      v.strictObject({ kind: v.literal('refused') }),
    ]),
  },
  /** Whether an account may write mail that says it is from this mailbox. */
  owns: {
    request: v.strictObject({ account: ADDRESS, mailbox: ADDRESS }),
    response: v.strictObject({ owns: v.boolean() }),
  },
  'list-domains': { request: NOTHING, response: v.strictObject({ domains: v.array(NAME) }) },
  'list-accounts': {
    request: NOTHING,
    response: v.strictObject({ accounts: v.array(v.strictObject({ name: ADDRESS, aliases: v.array(ADDRESS) })) }),
  },
  'add-domain': { request: v.strictObject({ domain: NAME, ...BECAUSE }), response: v.strictObject({ commit: NAME }) },
  'remove-domain': {
    request: v.strictObject({ domain: NAME, ...BECAUSE }),
    response: v.strictObject({ commit: NAME }),
  },
  'add-account': {
    request: v.strictObject({ account: ADDRESS, password: TEXT, ...BECAUSE }),
    response: v.strictObject({ commit: NAME }),
  },
  'set-password': {
    request: v.strictObject({ account: ADDRESS, password: TEXT, ...BECAUSE }),
    response: v.strictObject({ commit: NAME }),
  },
  'remove-account': {
    request: v.strictObject({ account: ADDRESS, ...BECAUSE }),
    response: v.strictObject({ commit: NAME }),
  },
  'add-alias': {
    request: v.strictObject({ alias: ADDRESS, targets: v.array(ADDRESS), ...BECAUSE }),
    response: v.strictObject({ commit: NAME }),
  },
  'remove-alias': {
    request: v.strictObject({ alias: ADDRESS, ...BECAUSE }),
    response: v.strictObject({ commit: NAME }),
  },
  history: {
    request: v.strictObject({ limit: COUNT }),
    response: v.strictObject({
      changes: v.array(v.strictObject({ commit: NAME, author: TEXT, reason: TEXT, atMs: TIME })),
    }),
  },
  restore: { request: v.strictObject({ commit: NAME, ...BECAUSE }), response: v.strictObject({ commit: NAME }) },
} as const
