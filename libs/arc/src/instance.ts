// i=: which set of the chain a field belongs to.                  RFC 8617 §4.2.1

/** 1 to 50, without leading zeros; undefined otherwise. */
export function parseInstance(text: string): number | undefined {
  return INSTANCE.test(text) && Number(text) <= MOST ? Number(text) : undefined
}

const INSTANCE = /^[1-9][0-9]?$/
const MOST = 50
