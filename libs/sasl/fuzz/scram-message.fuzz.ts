// What a SCRAM parser accepts, printed and read again, is the same; nothing throws.

import { deepStrictEqual } from 'node:assert'
import {
  DEFAULT_LIMITS,
  formatClientFinal,
  formatClientFirst,
  formatServerFinal,
  formatServerFirst,
  parseClientFinal,
  parseClientFirst,
  parseServerFinal,
  parseServerFirst,
} from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
  'p=tls-exporter,a=a=2Cb=3D,n=user,r=x,z=y',
  'y,,m=x,n=user,r=x',
  'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  'e=invalid-proof,x=y',
]

export function fuzz(input: Uint8Array): void {
  const clientFirst = parseClientFirst(input, DEFAULT_LIMITS)
  if (clientFirst.ok) {
    deepStrictEqual(parseClientFirst(formatClientFirst(clientFirst.value), DEFAULT_LIMITS), clientFirst)
  }
  const serverFirst = parseServerFirst(input, DEFAULT_LIMITS)
  if (serverFirst.ok) {
    deepStrictEqual(parseServerFirst(formatServerFirst(serverFirst.value), DEFAULT_LIMITS), serverFirst)
  }
  const clientFinal = parseClientFinal(input, DEFAULT_LIMITS)
  if (clientFinal.ok) {
    deepStrictEqual(parseClientFinal(formatClientFinal(clientFinal.value), DEFAULT_LIMITS), clientFinal)
  }
  const serverFinal = parseServerFinal(input, DEFAULT_LIMITS)
  if (serverFinal.ok) {
    deepStrictEqual(parseServerFinal(formatServerFinal(serverFinal.value), DEFAULT_LIMITS), serverFinal)
  }
}
