// Does one thing for each item, at most `atOnce` at a time, in their order; answers in their order.

export async function inParallel<Item, Answer>(
  items: readonly Item[],
  atOnce: number,
  run: (item: Item) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers = new Map<Item, Answer>()
  const waiting = items.values() // shared by the lanes: each takes the next
  const lane = async (): Promise<void> => {
    for (const item of waiting) answers.set(item, await run(item))
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return items.map((item) => answers.get(item) as Answer) // as: each has been run
}
