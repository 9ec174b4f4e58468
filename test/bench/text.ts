/** What is said in the bench: the same long answer and the same old turns in every run. */

const words =
  'a cache keeps the last results near so that reading them again costs less than asking for them once more while the writer only marks what changed and a reader that comes late sees either the old page or the new one but never half of each'.split(
    ' ',
  )

/** A generator of numbers from 0 to 1 that gives the same ones for the same seed. */
function random(seed: number): () => number {
  let state = seed
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}

class Writer {
  readonly #next: () => number

  constructor(seed: number) {
    this.#next = random(seed)
  }

  number(below: number): number {
    return Math.floor(this.#next() * below)
  }

  phrase(length: number): string {
    return Array.from({ length }, () => words[this.number(words.length)]).join(' ')
  }

  sentence(length: number): string {
    const phrase = this.phrase(length)
    return `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}.`
  }

  paragraph(): string {
    const link = `[the notes](https://example.com/notes/${this.number(1000)})`
    return `${this.sentence(16)} **${this.sentence(4)}** ${this.sentence(14)} Call \`evict(${this.number(100)})\` or read ${link}. ${this.sentence(12)}`
  }

  list(): string {
    return `1. ${this.sentence(9)}\n2. ${this.sentence(8)}\n   - ${this.sentence(6)}\n   - ${this.sentence(7)}\n3. ${this.sentence(10)}`
  }

  code(place: number): string {
    const [language, source] = samples[place % samples.length] ?? ['text', '']
    return `\`\`\`${language}\n${source.replaceAll('N', String(place))}\n\`\`\``
  }

  table(): string {
    const rows = [1, 2, 3, 4, 5].map((row) => `| run ${row} | ${this.number(900)} | ${this.phrase(4)} |`)
    return `| Case | Time (ms) | Note |\n|---|---:|---|\n${rows.join('\n')}`
  }
}

const samples: [language: string, source: string][] = [
  [
    'typescript',
    'export class CacheN<Value> {\n  readonly #entries = new Map<string, Value>()\n\n  get(key: string): Value | undefined {\n    const value = this.#entries.get(key)\n    if (value !== undefined) this.#entries.delete(key)\n    if (value !== undefined) this.#entries.set(key, value) // newest last\n    return value\n  }\n}',
  ],
  [
    'python',
    'def evict_N(entries, most=N):\n    """Drop the oldest entries."""\n    for key in list(entries):\n        if len(entries) <= most:\n            break\n        print(f"evict {key}")\n        del entries[key]\n    return entries',
  ],
  [
    'bash',
    'set -eu\nfor file in cache/*.bin; do\n  echo "checking $file"\n  ./check --level N "$file" || rm "$file"\ndone',
  ],
  ['json', '{\n  "name": "cache-N",\n  "limits": { "entries": N, "bytes": [1024, 4096] },\n  "strict": true\n}'],
  [
    'sql',
    "SELECT page, COUNT(*) AS reads\nFROM access\nWHERE at > NOW() - INTERVAL 'N hours'\nGROUP BY page\nORDER BY reads DESC;",
  ],
  [
    'rust',
    'pub fn newest_N(entries: &[u64]) -> Option<u64> {\n    let mut best = None;\n    for &entry in entries {\n        if best.map_or(true, |b| entry > b) { best = Some(entry); }\n    }\n    best\n}',
  ],
]

function longBody(): string {
  const writer = new Writer(7)
  const parts: string[] = []
  for (let place = 1, length = 0; length < 23_400; place++) {
    parts.push(`## Part ${place}: ${writer.phrase(5)}`, writer.paragraph(), writer.list(), writer.code(place))
    parts.push(writer.paragraph())
    if (place % 3 === 0) parts.push(writer.table())
    if (place % 2 === 0) parts.push(`> ${writer.sentence(18)}`, `- [x] ${writer.phrase(5)}\n- [ ] ${writer.phrase(6)}`)
    length = parts.join('\n\n').length
  }
  return parts.join('\n\n')
}

/** The first and the last delta of the answer `tag` hold these whole. */
export const firstMarker = (tag: number): string => `FIRST${tag}A`
export const lastMarker = (tag: number): string => `LAST${tag}Z`

/** The deltas of an answer: 24 KB of markdown in about 6,800 pieces, or a sentence. */
export function deltasOf(kind: 'long' | 'short', tag: number): string[] {
  const body =
    kind === 'long' ? ` opens this answer.\n\n${longBody()}\n\nAnd so it ends with ` : ' is a short answer and '
  return [firstMarker(tag), ...(body.match(/\s?\w{1,6}|\s?[^\w\s]|\s+/g) ?? []), lastMarker(tag)]
}

export type Turn = { question: string; answer: string }

/** Old turns as they stand in a long conversation: about 650 characters each, every second one with code. */
export function turn(place: number): Turn {
  const writer = new Writer(1_000 + place)
  const code = place % 2 === 0 ? `\n\n${writer.code(place)}\n\n${writer.sentence(12)}` : ''
  return {
    question: `Question ${place}: what does ${writer.phrase(6)} when the cache is full?`,
    answer: `Answer ${place}. ${writer.paragraph()}\n\n- ${writer.sentence(8)}\n- ${writer.sentence(9)}${code}`,
  }
}
