/** The Anthropic Messages dialect, through the official SDK. */
import type { ModelInfo as Listed } from '@anthropic-ai/sdk/resources/models'
import { FailureError } from '../../shared/failure.ts'
import type { JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import type { ModelInfo, ProviderId } from '../../shared/model.ts'
import type { Dialect, Endpoint } from '../dialect.ts'
import { contextOf, orFailure } from '../failures.ts'
import { guard } from '../guard.ts'
import { endsWithAnswer, noPrefill, prefillOf } from '../prefill.ts'
import { learnedFor, withRelief } from '../relief.ts'
import { sentence } from '../sentences.ts'
import { newExchange } from '../transport.ts'
import { Client, isOwn } from './client.ts'
import { writePrompt, writeRequest } from './request.ts'
import { AnthropicParser } from './stream.ts'

/** The most the API gives a page. */
const PAGE = 1000

/** What each endpoint told of its models. Shared by its dialects, because a provider may be opened anew for each request. */
const told = new Map<string, Map<string, Listed>>()

export function open(id: ProviderId, endpoint: Endpoint): Dialect {
  const limits = told.get(endpoint.baseUrl) ?? new Map<string, Listed>()
  told.set(endpoint.baseUrl, limits)
  const own = isOwn(endpoint)

  return {
    async listModels(signal) {
      const exchange = newExchange()
      return orFailure(contextOf(id, endpoint, exchange), signal, async () => {
        const models: ModelInfo[] = []
        const context = contextOf(id, endpoint, exchange)
        const first = await new Client(endpoint, exchange).models.list({ limit: PAGE }, { signal })
        // A sign-in page, or another kind of server: what is no list must not pass for an empty one.
        const body: unknown = first['body']
        if (!isObject(body) || !Array.isArray(body.data))
          throw new FailureError({ code: 'malformed', message: sentence('not-a-stream', context) })
        for await (const model of first) {
          limits.set(model.id, model)
          if (model.lifecycle !== 'retired') models.push(readModel(id, model, own))
        }
        return models
      })
    },

    stream(request, signal) {
      const exchange = newExchange()
      const origin = { provider: id, dialect: 'anthropic', model: request.model }
      const prefill = prefillOf(request, 'anthropic', id)
      const body = writeRequest(prefill?.request ?? request, limits, own)
      let prefilled = false
      const send = (smaller: JsonObject, inner: AbortSignal) => {
        prefilled = prefill?.exact === true && endsWithAnswer(smaller)
        return new Client(endpoint, exchange).createMessage(smaller, inner)
      }
      return guard<unknown>(
        {
          origin,
          parser: new AnthropicParser(origin),
          context: contextOf(id, endpoint, exchange, request.model),
          open: (inner) =>
            prefill
              ? withRelief(body, [noPrefill(request)], learnedFor(endpoint.baseUrl, request.model), (smaller) =>
                  send(smaller, inner),
                )
              : send(body, inner),
          prefilled: () => prefilled,
        },
        signal,
      )
    },

    async countTokens(request, signal) {
      const exchange = newExchange()
      return orFailure(contextOf(id, endpoint, exchange, request.model), signal, () =>
        new Client(endpoint, exchange).countTokens(writePrompt(request), signal),
      )
    },
  }
}

/** Compatible servers list ids with little else, so every field may be missing. */
function readModel(provider: ProviderId, model: Listed, own: boolean): ModelInfo {
  const told: Partial<Listed> = model
  const images = told.capabilities?.image_input?.supported
  const pdfs = told.capabilities?.pdf_input?.supported
  const thinking = told.capabilities?.thinking?.supported
  return {
    id: model.id,
    provider,
    name: told.display_name || model.id,
    ...(told.max_input_tokens ? { contextWindow: told.max_input_tokens } : {}),
    ...(told.max_tokens ? { maxOutputTokens: told.max_tokens } : {}),
    // Every model that Anthropic itself serves calls tools; the list has no field for it.
    ...(own ? { tools: true } : {}),
    ...(images === undefined ? {} : { images }),
    ...(pdfs === undefined ? {} : { pdfs }),
    ...(thinking === undefined ? {} : { thinking }),
    ...(told.retires_at ? { retiresAt: Date.parse(told.retires_at) } : {}),
    source: 'provider',
  }
}
