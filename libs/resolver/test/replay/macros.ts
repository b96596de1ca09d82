// The expressions of scenarios: `${time}`, `${$x + 5}`, `${range 4800 ${timeout} 5400}`, `${ctime $x}`.
// Operators have no precedence: `a + b * c` is `(a + b) * c`.

export type MacroState = {
  readonly timeSeconds: number
  /** Until the next timer. */
  readonly timeoutSeconds: number
  readonly variables: ReadonlyMap<string, string>
}

/** Replaces every `${…}`, innermost first. */
export function expand(text: string, state: MacroState): string {
  let expanded = text
  for (let rounds = 0; rounds < MAX_ROUNDS; rounds++) {
    const next = expanded.replace(/\$\{([^${}]*(?:\$[A-Za-z_]\w*[^${}]*)*)\}/g, (_, inside: string) =>
      evaluate(inside, state),
    )
    if (next === expanded) return expanded
    expanded = next
  }
  return expanded
}

function evaluate(inside: string, state: MacroState): string {
  const text = inside.replace(/\$([A-Za-z_]\w*)/g, (_, name: string) => state.variables.get(name) ?? `$${name}`).trim()
  const words = text.match(/\w+|[-+*/]/g) ?? []
  const [first = '', ...rest] = words
  if (first === 'time') return arithmetic([String(state.timeSeconds), ...rest])
  if (first === 'timeout') return arithmetic([String(state.timeoutSeconds), ...rest])
  if (first === 'ctime') return ctime(Number(arithmetic(rest)))
  if (first === 'range') {
    const [low = 0, value = 0, high = 0] = rest.map(Number)
    if (value < low || value > high) throw new Error(`${value} is not between ${low} and ${high}`)
    return String(value)
  }
  return arithmetic(words)
}

function arithmetic(words: readonly string[]): string {
  if (words.length === 1) return words[0] ?? ''
  let result = Number(words[0])
  for (let i = 1; i + 1 < words.length; i += 2) {
    const right = Number(words[i + 1])
    switch (words[i]) {
      case '+':
        result += right
        break
      case '-':
        result -= right
        break
      case '*':
        result *= right
        break
      case '/':
        result = Math.trunc(result / right)
        break
      default:
        throw new Error(`no such operator: ${words[i] ?? ''}`)
    }
  }
  return String(result)
}

/** As C's `ctime`, in UTC and without its newline: `Mon Nov 23 07:46:40 2009`. */
export function ctime(seconds: number): string {
  const date = new Date(seconds * 1000)
  const day = DAYS[date.getUTCDay()] ?? ''
  const month = MONTHS[date.getUTCMonth()] ?? ''
  const clock = date.toISOString().slice(11, 19)
  return `${day} ${month} ${String(date.getUTCDate()).padStart(2, ' ')} ${clock} ${date.getUTCFullYear()}`
}

const MAX_ROUNDS = 20
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
