// Every edge is stated twice, by the caller and by the callee; here they are compared.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONTRACTS, type Privileges, SERVICES } from '../src/index.ts'

const all = new Map<string, Privileges>()
for (const service of SERVICES) {
  const url = new URL(`../../../services/${service}/privileges.ts`, import.meta.url)
  const { privileges } = (await import(url.href)) as { privileges: Privileges } // as: the file's only export
  all.set(service, privileges)
}

for (const [service, privileges] of all) {
  test(`${service}: accepts and calls agree with the other side and with the contract`, () => {
    assert.equal(privileges.service, service)
    for (const { role, operations } of privileges.calls) {
      const accepted = all.get(role)?.accepts.find((edge) => edge.role === service)
      for (const operation of operations) {
        assert.ok(operation in CONTRACTS[role], `${role} has no ${operation}`)
        assert.ok(accepted?.operations.includes(operation), `${role} does not accept ${operation} from ${service}`)
      }
    }
    for (const { role, operations } of privileges.accepts) {
      for (const operation of operations) {
        assert.ok(operation in CONTRACTS[privileges.service], `${service} has no ${operation}`)
        if (role === 'operator' || role === 'supervisor') continue
        const called = all.get(role)?.calls.find((edge) => edge.role === service)
        assert.ok(called?.operations.includes(operation), `${role} never calls ${service}.${operation}`)
      }
    }
  })
}

test('nobody but the operator and the supervisor may ask for everything', () => {
  for (const { service, accepts } of all.values()) {
    for (const { role, operations } of accepts) {
      if (role === 'operator') continue
      assert.ok(!operations.includes('metrics'), `${service} tells ${role} its metrics`)
    }
  }
})
