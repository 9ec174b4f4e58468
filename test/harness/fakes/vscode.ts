/**
 * A vendor of VS Code's own models: the helper extension posts each request here and reports the steps of the answer, see
 * helper/models.mjs. They reach VS Code when the answer is whole.
 */
import type { Json } from '../../../src/shared/json.ts'
import type { Fake } from './fake.ts'
import { list, modelInBody, texts } from './fake.ts'

export const vscode: Fake = {
  basePath: '',
  reply: () => undefined,
  contentType: 'application/json',
  answer() {
    let before = '['
    const step = (what: Json): string => {
      const bytes = before + JSON.stringify(what)
      before = ','
      return bytes
    }
    return {
      think: (thinking) => step({ thinking }),
      say: (text) => step({ text }),
      end: () => `${before === '[' ? before : ''}]`,
    }
  },
  error: (_type, message) => ({ error: message }),
  modelOf: modelInBody,
  history: ({ messages }) => list(messages).map(({ role, parts }) => ({ role: String(role), text: texts(parts) })),
}
