import type { Privileges } from '@scop/bottle'

export const privileges: Privileges = {
  service: 'signer',
  duty: 'Signs outgoing mail; makes its keys and publishes them by DNS UPDATE.',
  listens: [],
  accepts: [
    { role: 'submission', operations: ['submit'] },
    { role: 'operator', operations: ['health', 'metrics', 'prepare-domain', 'keys'] },
    { role: 'supervisor', operations: ['health'] },
  ],
  calls: [{ role: 'relay', operations: ['enqueue'] }],
  reaches: ['dns-primary'],
  keepsData: true,
  secrets: ['tsig-key'],
  limits: { heapMebibytes: 96, openFiles: 1024 },
  thief:
    'Holds the DKIM private keys: can sign as our domains, and sees outgoing mail as it passes. Keeps none of it, and cannot check a password.',
}
