/** Where an answer ends by words that a server named: the first of them and whatever follows is left out. */
import type { Block } from '../../shared/message.ts'

export class StopSequences {
  readonly #sequences: readonly string[]
  /** How far each text was looked through, by the place of its block. */
  readonly #seen = new Map<number, number>()
  #met: { block: number; at: number } | undefined

  constructor(sequences: readonly string[]) {
    this.#sequences = sequences.filter((sequence) => sequence !== '')
  }

  get met(): boolean {
    return this.#met !== undefined
  }

  /** True once one of them stands in the answer. To be asked as the answer grows. */
  look(content: readonly Block[]): boolean {
    for (const [block, part] of content.entries()) {
      if (this.#met || part.type !== 'text') continue
      const longest = Math.max(0, ...this.#sequences.map(({ length }) => length))
      const from = Math.max(0, (this.#seen.get(block) ?? 0) - longest + 1)
      this.#seen.set(block, part.text.length)
      const places = this.#sequences.map((sequence) => part.text.indexOf(sequence, from)).filter((at) => at >= 0)
      if (places.length > 0) this.#met = { block, at: Math.min(...places) }
    }
    return this.met
  }

  /** The text before the first of them. */
  text(content: readonly Block[]): string {
    const met = this.#met ?? { block: content.length, at: 0 }
    const texts = content.flatMap((part, block) => {
      if (part.type !== 'text' || block > met.block) return []
      return [block === met.block ? part.text.slice(0, met.at) : part.text]
    })
    return texts.join('\n\n')
  }
}
