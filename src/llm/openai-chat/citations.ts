/** Sources as compatible servers name them: OpenAI's annotations, Perplexity's lists beside the choices. */
import { isObject } from '../../shared/json.ts'
import type { JsonObject } from '../../shared/json.ts'
import type { Citation } from '../../shared/message.ts'
import { objectsIn } from './reasoning.ts'

/** The sources in a chunk or a delta that are not among `known`: some servers repeat the whole list in every chunk. */
export function citationsIn(holder: JsonObject, known: readonly Citation[]): Citation[] {
  const found: Citation[] = []
  const isNew = (citation: Citation) =>
    ![...known, ...found].some((each) => each.url === citation.url && each.start === citation.start)
  for (const citation of candidates(holder)) if (isNew(citation)) found.push(citation)
  return found
}

function candidates(holder: JsonObject): Citation[] {
  const annotations = objectsIn(holder.annotations).flatMap((annotation) => {
    const cited = annotation.url_citation
    return isObject(cited) ? citation(cited) : []
  })
  const results = objectsIn(holder.search_results).flatMap(citation)
  const urls = Array.isArray(holder.citations) ? holder.citations.filter((url) => typeof url === 'string') : []
  const unnamed = urls.filter((url) => !results.some((result) => result.url === url))
  return [...annotations, ...results, ...unnamed.map((url) => ({ url }))]
}

function citation(raw: JsonObject): Citation[] {
  const { url, title, content, start_index: start, end_index: end } = raw
  if (typeof url !== 'string') return []
  return [
    {
      url,
      ...(typeof title === 'string' && { title }),
      ...(typeof content === 'string' && { quote: content }),
      ...(typeof start === 'number' && { start }),
      ...(typeof end === 'number' && { end }),
    },
  ]
}
