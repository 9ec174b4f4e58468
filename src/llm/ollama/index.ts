/** Ollama's own chat API, through the official client. */
import type { JsonObject } from '../../shared/json.ts'
import type { OpenDialect } from '../dialect.ts'
import { contextOf, failureFrom, orFailure } from '../failures.ts'
import { guard } from '../guard.ts'
import { estimatedUsage } from '../openai-chat/usage.ts'
import { noPrefill, prefillOf } from '../prefill.ts'
import { learnedFor, withRelief } from '../relief.ts'
import { newExchange } from '../transport.ts'
import { Client } from './client.ts'
import { knownContext, largerContext } from './context.ts'
import { contextLength, fetchModels } from './models.ts'
import { reliefs, requestBody, withContext } from './request.ts'
import { OllamaParser } from './stream.ts'

export const open: OpenDialect = (id, endpoint) => ({
  listModels(signal) {
    const context = contextOf(id, endpoint, newExchange())
    return orFailure(context, signal, () => fetchModels(new Client(endpoint, context, signal), id, signal))
  },

  stream(request, signal) {
    const context = contextOf(id, endpoint, newExchange(), request.model)
    const origin = { provider: id, dialect: 'ollama', model: request.model }
    const prefill = prefillOf(request, 'ollama', id)
    const body = requestBody(prefill?.request ?? request)
    const { baseUrl } = endpoint
    const all = prefill ? [...reliefs, noPrefill(request)] : reliefs

    const send = (client: Client, size: number | undefined) =>
      withRelief(body, all, learnedFor(baseUrl, request.model), (smaller: JsonObject) =>
        client.chat(size === undefined ? smaller : withContext(smaller, size)),
      )
    return guard<unknown>(
      {
        origin,
        parser: new OllamaParser(origin, request.maxOutputTokens, (answer) => estimatedUsage(body, answer)),
        context,
        async open(inner) {
          const client = new Client(endpoint, context, inner)
          try {
            return await send(client, knownContext(baseUrl, request.model))
          } catch (error) {
            if (failureFrom(error, context).code !== 'context-length') throw error
            const shown = await client.show(request.model).catch((): JsonObject => ({}))
            const size = largerContext(baseUrl, body, contextLength(shown.model_info), request.maxOutputTokens)
            if (size === undefined) throw error
            return send(client, size)
          }
        },
      },
      signal,
    )
  },
})
