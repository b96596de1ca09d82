// The order of start and stop: whom a service calls starts before it and stops after it.

import { type Privileges, SERVICES, type ServiceName } from '@scop/bottle'

/**
 * Those that must be ready before `privileges.service` boots. Only services that stand before it in `SERVICES`
 * count, so two that call each other (the mailbox and the relay) do not wait for each other.
 */
export function startsAfter(privileges: Privileges): readonly ServiceName[] {
  const own = SERVICES.indexOf(privileges.service)
  return privileges.calls.map((edge) => edge.role).filter((role) => SERVICES.indexOf(role) < own)
}

/** Those that must have stopped before `service` is asked to. */
export function stopsAfter(service: ServiceName, all: readonly Privileges[]): readonly ServiceName[] {
  return all.filter((other) => startsAfter(other).includes(service)).map((other) => other.service)
}
