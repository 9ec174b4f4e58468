/** VS Code's language models behind the contract that every provider keeps. */
import { guard } from '../../llm/guard.ts'
import type { ChatRequest, Provider } from '../../llm/types.ts'
import { FailureError } from '../../shared/failure.ts'
import { estimateTokens } from '../../shared/tokens.ts'
import type { ChatModel, LanguageModels } from './api.ts'
import { failureOf, notOffered, orFailure } from './failures.ts'
import { messagesOf, optionsOf } from './request.ts'
import type { Shelf } from './shelf.ts'
import { infoOf } from './shelf.ts'
import { VscodeParser } from './stream.ts'
import { imagesOf, wordsOf } from './usage.ts'

/** The provider over `api`, which is `vscode` itself or a stand-in. */
export function createProvider(api: LanguageModels, shelf: Shelf): Provider {
  const origin = (model: string) => ({ provider: 'vscode', dialect: 'vscode', model })
  return {
    id: 'vscode',

    async listModels(signal) {
      const models = await orFailure(undefined, signal, () => shelf.all())
      return [...models.values()].map(infoOf)
    },

    stream(request, signal) {
      let input = 0
      const parser = new VscodeParser(api, () => input)
      const open = (inner: AbortSignal): AsyncIterable<unknown> =>
        answer(api, shelf, request, inner, (words) => (input = estimateTokens(words)))
      const context = { provider: 'VS Code', baseUrl: '', model: request.model, secrets: [] }
      return guard<unknown>({ origin: origin(request.model), parser, context, open }, signal)
    },

    countTokens(request, signal) {
      return orFailure(request.model, signal, async () => count(api, await modelFor(shelf, request), request, signal))
    },
  }
}

async function modelFor(shelf: Shelf, { model: id }: ChatRequest): Promise<ChatModel> {
  const model = await shelf.find(id)
  if (!model) throw notOffered(id)
  return model
}

/** The parts of an answer. `sending` gets the words of the request. Throws `FailureError`, and nothing else. */
async function* answer(
  api: LanguageModels,
  shelf: Shelf,
  request: ChatRequest,
  signal: AbortSignal,
  sending: (words: string) => void,
): AsyncGenerator<unknown> {
  const cancellation = cancelledBy(signal, api)
  try {
    const model = await modelFor(shelf, request)
    const messages = messagesOf(request, model, api)
    const options = optionsOf(request, api)
    sending(wordsOf(messages, options, api))
    const response = await model.sendRequest(messages, options, cancellation.token)
    yield* response.stream
  } catch (error) {
    throw new FailureError(failureOf(error, request.model), error)
  } finally {
    cancellation.dispose()
  }
}

/**
 * Input tokens: one question for all words and one for all images, because each may be a request to a server.
 * VS Code answers 0 for a model whose extension runs elsewhere, so 0 is no count.
 */
async function count(
  api: LanguageModels,
  model: ChatModel,
  request: ChatRequest,
  signal: AbortSignal,
): Promise<number> {
  const messages = messagesOf(request, model, api)
  const images = imagesOf(messages, api)
  const { token, dispose } = cancelledBy(signal, api)
  try {
    const words = await model.countTokens(wordsOf(messages, optionsOf(request, api), api), token)
    if (!(words > 0)) throw new Error('VS Code gave no count')
    if (images.length === 0) return words
    return words + (await model.countTokens(api.LanguageModelChatMessage.User(images), token))
  } finally {
    dispose()
  }
}

function cancelledBy(signal: AbortSignal, api: LanguageModels) {
  const source = new api.CancellationTokenSource()
  const cancel = (): void => source.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  if (signal.aborted) cancel()
  const dispose = (): void => {
    signal.removeEventListener('abort', cancel)
    source.dispose()
  }
  return { token: source.token, dispose }
}
