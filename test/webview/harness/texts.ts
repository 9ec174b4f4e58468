/** What models write in the tests. */
export const SHORT = `When it is full, the **oldest** item goes. Use \`push()\` and read the [notes](https://example.com/notes).

- The reader is never blocked.
- The writer never waits.

\`\`\`typescript
export class Ring<T> {
  push(item: T): void {
    this.items[this.head++ % this.size] = item
  }
}
\`\`\`

That is all there is to it.`

export const ANSWER = `A ring buffer keeps the **newest** items and forgets the oldest. Here is one in TypeScript:

\`\`\`typescript
export class Ring<T> {
  readonly #items: (T | undefined)[]
  #head = 0

  constructor(readonly size: number) {
    this.#items = new Array(size)
  }

  /** Overwrites the oldest item when full. */
  push(item: T): void {
    this.#items[this.#head++ % this.size] = item // never grows
  }
}
\`\`\`

## How it compares

| Structure | Push | Memory | When full |
|:--|--:|--:|:--|
| Ring buffer | 4 ns | fixed | drops the oldest |
| Array with \`shift()\` | 180 ns | grows | moves every item |
| Linked list | 35 ns | grows | frees a node |

### What to watch

1. **Size**: a power of two lets you mask instead of dividing.
2. **Reading**: keep a second index, and compare the two:
   - equal means empty
   - \`head - tail === size\` means full
3. **Threads**: one writer and one reader need no lock.

> A buffer that can say no is worth more than one that can only grow.

- [x] Fixed memory
- [x] No copying
- [ ] Iteration in order

See [the article on MDN](https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Global_Objects/Array) or https://example.com/rings for more.`

export const HOSTILE = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>

[click](javascript:window.hacked=1) [data](data:text/html,<script>window.hacked=1</script>) [v](vbscript:x)

![pixel](https://example.com/pixel.png) <svg/onload="window.hacked=1">

[t](https://example.com "onmouseover=window.hacked=1") <https://example.com/"onclick="window.hacked=1>

\`\`\`"><img src=x onerror=window.hacked=1>
</code></pre><img src=x onerror="window.hacked=1">
\`\`\`

<a href="https://example.com" onclick="window.hacked=1">raw</a> <style>*{display:none}</style>

| a<img src=x onerror=window.hacked=1> | b |
|---|---|
| <iframe src="https://example.com"></iframe> | style="x" |`
