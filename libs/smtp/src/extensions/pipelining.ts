// PIPELINING: commands in groups, replies in groups. RFC 2920 §3.1, §3.2

import type { ClientExtension } from '../client-extension.ts'
import type { ServerExtension } from '../server-extension.ts'

export const PIPELINING: ServerExtension = { name: 'PIPELINING', offer: () => 'PIPELINING', groupsReplies: true }

export const PIPELINING_CLIENT: ClientExtension = { keyword: 'PIPELINING', groupsCommands: true }
