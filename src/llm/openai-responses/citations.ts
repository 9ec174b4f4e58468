/** Annotations of output text as citations, and citations as annotations. */
import { isObject } from '../../shared/json.ts'
import type { Json, JsonObject } from '../../shared/json.ts'
import type { Citation } from '../../shared/message.ts'

/** One citation an annotation, in order, so that the two lists can be compared entry by entry. */
export function citationsOf(annotations: Json | undefined): Citation[] {
  return Array.isArray(annotations)
    ? annotations.map((annotation) => citation(isObject(annotation) ? annotation : {}))
    : []
}

export function annotationsOf(citations: readonly Citation[]): JsonObject[] {
  return citations.map(({ url, title, start, end }) => ({
    ...(url !== undefined ? { type: 'url_citation', url } : {}),
    ...(title !== undefined && { [url === undefined ? 'filename' : 'title']: title }),
    ...(start !== undefined && { start_index: start }),
    ...(end !== undefined && { end_index: end }),
  }))
}

function citation(annotation: JsonObject): Citation {
  const { url, title, filename, start_index: start, end_index: end } = annotation
  const name = title ?? filename
  return {
    ...(typeof url === 'string' && { url }),
    ...(typeof name === 'string' && { title: name }),
    ...(typeof start === 'number' && { start }),
    ...(typeof end === 'number' && { end }),
  }
}
