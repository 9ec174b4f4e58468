/** A small project and what is said of it, for the pictures. */

export const sampleFiles: Record<string, string> = {
  'README.md': '# Inventory\n\nCounts what is on the shelves.\n',
  'package.json': '{\n  "name": "inventory",\n  "type": "module"\n}\n',
  'report.ts': `import { soldOut, type Item } from './stock.ts'

/** One line for each shelf, the fullest first. */
export function report(items: Item[]): string[] {
  const shelves = Map.groupBy(items, (item) => item.shelf)
  return [...shelves]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([shelf, on]) => \`\${shelf}: \${on.length} items, \${soldOut(on).length} sold out\`)
}
`,
  'stock.ts': `/** What is on the shelves, and what is not any more. */
export type Item = {
  name: string
  shelf: string
  count: number
  reserved: number
}

/** Items of which nothing can be sold. */
export function soldOut(items: Item[]): Item[] {
  const none = items.filter((item) => item.count === 0)
  const all = items.filter((item) => item.reserved >= item.count)
  return [...none, ...all]
}

/** How many more of an item can be promised. */
export function available({ count, reserved }: Item): number {
  return Math.max(0, count - reserved)
}

/** Puts some aside. Throws where there are not so many. */
export function reserve(item: Item, amount: number): Item {
  if (amount > available(item)) {
    throw new RangeError(\`No \${amount} of \${item.name} left\`)
  }
  return { ...item, reserved: item.reserved + amount }
}

/** The shelves by name, with what can be sold from each. */
export function byShelf(items: Item[]): Map<string, number> {
  const shelves = new Map<string, number>()
  for (const item of items) {
    const before = shelves.get(item.shelf) ?? 0
    shelves.set(item.shelf, before + available(item))
  }
  return shelves
}
`,
}

/** The answer up to a point in its middle. */
export const begun = `An item with \`count: 0\` passes **both** filters in \`soldOut\`: it has none left, and its reserved pieces (0) are at least its count (0). The two lists are then joined, so it is in the result twice.

| Item | count | reserved | listed |
| --- | ---: | ---: | ---: |
| Lamp | 0 | 0 | twice |
| Chair | 4 | 4 | once |
| Desk | 3 | 1 | never |

### The fix

One condition covers both cases, and \`available\` already says it:

\`\`\`ts
export function soldOut(items: Item[]): Item[] {
  return items.filter((item) => available(item) === 0)
}
\`\`\`

`

export const whole = `${begun}That also keeps the order of the shelves, which the joined lists did not.

- [x] \`report.ts\` needs no change
- [ ] Add a test for an item with nothing left
`

export const followUp = `This one fails before the fix and passes after it:

\`\`\`ts
import assert from 'node:assert/strict'
import { soldOut } from './stock.ts'
import { item } from './samples.ts'

it('lists an item once', () => {
  const lamp = item({ count: 0, reserved: 0 })
  assert.deepEqual(soldOut([lamp]), [lamp])
})
\`\`\`

Two more cases are worth a line each:

1. all pieces reserved (\`count: 4, reserved: 4\`) is listed;
2. some pieces left (\`count: 3, reserved: 1\`) is not.
`
