import type { Privileges } from '@scop/bottle'

export const privileges: Privileges = {
  service: 'verifier',
  duty: 'Checks who really sent a message; writes Authentication-Results; remembers how senders behave.',
  listens: [],
  accepts: [
    { role: 'receiver', operations: ['verify', 'observe'] },
    {
      role: 'operator',
      operations: [
        'health',
        'metrics',
        'reputation-show',
        'reputation-list',
        'reputation-export',
        'reputation-import',
        'reputation-pardon',
      ],
    },
    { role: 'supervisor', operations: ['health'] },
  ],
  calls: [
    { role: 'dns-resolver', operations: ['txt', 'records'] },
    { role: 'mailbox', operations: ['deliver'] },
    { role: 'receiver', operations: ['firewall-learn'] },
    { role: 'dns-primary', operations: ['publish-reputation'] },
  ],
  reaches: [],
  keepsData: true,
  secrets: [],
  limits: { heapMebibytes: 128, openFiles: 1024 },
  thief:
    'Sees incoming mail as it passes and can say that a forgery is genuine. Can have any network refused at the receiver. Holds on disk what is known of senders, and no mail, no key, no password.',
}
