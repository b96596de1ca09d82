// Steps of a resolver as a tree: each lookup with what it did, in its order, and below it the lookups that it waited for.

import type { DescribedStep } from '@scop/resolver'

type Lookup = { readonly question: string; readonly items: (string | Lookup)[] }

/** One line for each step. */
export function formatStepTree(steps: readonly DescribedStep[]): readonly string[] {
  const lookups = new Map<number, Lookup>()
  const roots: Lookup[] = []
  for (const { lookup, parent, question, what } of steps) {
    let here = lookups.get(lookup)
    if (here === undefined) {
      here = { question, items: [] }
      lookups.set(lookup, here)
      const above = parent === undefined ? undefined : lookups.get(parent)
      if (above === undefined) roots.push(here)
      else above.items.push(here)
    }
    here.items.push(what)
  }
  return roots.flatMap((root) => [root.question, ...below(root, '')])
}

function below({ items }: Lookup, indent: string): readonly string[] {
  return items.flatMap((item, i) => {
    const last = i === items.length - 1
    const line = `${indent}${last ? '└─ ' : '├─ '}${typeof item === 'string' ? item : item.question}`
    return typeof item === 'string' ? [line] : [line, ...below(item, `${indent}${last ? '   ' : '│  '}`)]
  })
}
