/** The sources Google names: what a search found, and what it recognized in an answer. */
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import type { Citation } from '../../shared/message.ts'

/** What a candidate's metadata says of sources. Each chunk may add to it; a later list replaces an earlier one. */
export class Sources {
  #chunks: JsonObject[] = []
  #supports: JsonObject[] = []
  #recognized: JsonObject[] = []

  add({ groundingMetadata: found, citationMetadata: known }: JsonObject): void {
    if (isObject(found)) {
      this.#chunks = objects(found.groundingChunks) ?? this.#chunks
      this.#supports = objects(found.groundingSupports) ?? this.#supports
    }
    if (isObject(known)) this.#recognized = objects(known.citationSources ?? known.citations) ?? this.#recognized
  }

  /** The citations of a text, with their places where they can be told for sure. Each is given once; thoughts have none. */
  take({ text, thought }: { text: string; thought: boolean }): Citation[] {
    if (thought) return []
    const sources = this.#chunks.map(sourceOf)
    const supported = this.#supports.flatMap((support) => {
      const place = isObject(support.segment) ? placeOf(text, support.segment) : {}
      const indices = Array.isArray(support.groundingChunkIndices) ? support.groundingChunkIndices : []
      return indices.flatMap((index) => {
        const source = sources[Number(index)]
        return source ? [{ ...source, ...place }] : []
      })
    })
    const found = this.#supports.length > 0 ? supported : sources
    const all = [...found, ...this.#recognized.map(recognizedSource)].filter(({ url, title }) => url ?? title)
    ;[this.#chunks, this.#supports, this.#recognized] = [[], [], []]
    return all
  }
}

function sourceOf(chunk: JsonObject): Citation {
  const source = [chunk.web, chunk.retrievedContext, chunk.maps, chunk.image].find(isObject) ?? {}
  const url = text(source.uri) || text(source.sourceUri)
  return {
    ...(url && { url }),
    ...(text(source.title) && { title: text(source.title) }),
    ...(text(source.text) && { quote: text(source.text) }),
  }
}

function recognizedSource(source: JsonObject): Citation {
  return {
    ...(text(source.uri) && { url: text(source.uri) }),
    ...(text(source.title) && { title: text(source.title) }),
  }
}

/** Google counts bytes, and in a part that may have come in pieces: its own words decide whether a place is right. */
function placeOf(whole: string, segment: JsonObject): Pick<Citation, 'start' | 'end'> {
  const words = text(segment.text)
  if (!words) return {}
  const bytes = Buffer.from(whole).subarray(0, Number(segment.startIndex ?? 0))
  const start = bytes.toString().length
  const at = whole.startsWith(words, start) ? start : whole.indexOf(words)
  return at < 0 ? {} : { start: at, end: at + words.length }
}

function objects(value: Json | undefined): JsonObject[] | undefined {
  return Array.isArray(value) ? value.map((each) => (isObject(each) ? each : {})) : undefined
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
