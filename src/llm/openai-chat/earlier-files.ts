/**
 * The images and files from earlier in a conversation, for a model that takes none: it is told of them instead, so that
 * a conversation can go on with it. What came with the last words stays, because the person counts on it being seen.
 */
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import type { Relief } from '../relief.ts'
import { refusesFiles } from '../unseen.ts'
import { objectsIn } from './reasoning.ts'

export const earlierFiles: Relief = {
  name: 'no-earlier-files',
  helps: (body, refusal) => refusesFiles(refusal) && earlier(body).some(({ content }) => holdsFiles(content)),
  apply(body) {
    const before = earlier(body).map((message) => (holdsFiles(message.content) ? told(message) : message))
    return { ...body, messages: [...before, ...objectsIn(body.messages).slice(before.length)] }
  },
}

/** The messages before the last of the user's. */
function earlier({ messages }: JsonObject): JsonObject[] {
  const all = objectsIn(messages)
  return all.slice(
    0,
    Math.max(
      0,
      all.findLastIndex(({ role }) => role === 'user'),
    ),
  )
}

function holdsFiles(content: Json | undefined): boolean {
  return objectsIn(content).some(isFile)
}

const isFile = ({ type }: JsonObject): boolean => type === 'image_url' || type === 'file' || type === 'input_audio'

/** The message in words alone, as one string: the form that every server takes. */
function told(message: JsonObject): JsonObject {
  const words = objectsIn(message.content).map((part) => {
    if (part.type === 'text') return String(part.text)
    const name = isObject(part.file) ? part.file.filename : undefined
    return `[${typeof name === 'string' ? name : 'An image or a file'} was shown here, which this model cannot read]`
  })
  return { ...message, content: words.join('\n\n') }
}
