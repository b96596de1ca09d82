// The authorization identity: whom a client asks to act as. Here: nobody but itself.
// RFC 4422 §2, §3.4.1

import { prepareUsername } from './precis.ts'

/** Whether an authorization identity names nobody but the account that has just proven itself. */
export function actsAsItself(authorizationIdentity: string | undefined, username: string, identity: string): boolean {
  if (authorizationIdentity === undefined) return true
  const prepared = prepareUsername(authorizationIdentity)
  return prepared.ok && (prepared.value === username || prepared.value === identity)
}
