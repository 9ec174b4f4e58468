/** Google's Gemini API, through the official SDK. */
import type { Model } from '@google/genai/web'
import type { JsonObject } from '../../shared/json.ts'
import type { ModelInfo, ProviderId } from '../../shared/model.ts'
import type { Dialect, Endpoint } from '../dialect.ts'
import { contextOf, orFailure } from '../failures.ts'
import type { Parser } from '../guard.ts'
import { guard } from '../guard.ts'
import { untilComplete } from '../ready.ts'
import { newExchange } from '../transport.ts'
import { Client } from './client.ts'
import { writePrompt, writeRequest } from './request.ts'
import { GoogleParser } from './stream.ts'

/** What each endpoint told of its models. Shared by its dialects, because a provider may be opened anew for each request. */
const told = new Map<string, Map<string, Model>>()

export function open(id: ProviderId, endpoint: Endpoint): Dialect {
  const models = told.get(endpoint.baseUrl) ?? new Map<string, Model>()
  told.set(endpoint.baseUrl, models)

  return {
    listModels(signal) {
      const exchange = newExchange()
      return orFailure(contextOf(id, endpoint, exchange), signal, async () => {
        const listed = await new Client(endpoint, exchange).listModels(signal)
        for (const model of listed) models.set(idOf(model), model)
        return listed.filter(isChat).map((model) => readModel(id, model))
      })
    },

    stream(request, signal) {
      const exchange = newExchange()
      const origin = { provider: id, dialect: 'google', model: request.model }
      const parser = new GoogleParser(origin, exchange)
      return guard(
        {
          origin,
          parser: inLists(parser),
          context: contextOf(id, endpoint, exchange, request.model),
          async open(inner) {
            const body = writeRequest(request, models)
            const answer = await new Client(endpoint, exchange).generate(request.model, body, inner)
            return untilComplete(answer, () => parser.complete)
          },
        },
        signal,
      )
    },

    countTokens(request, signal) {
      const exchange = newExchange()
      return orFailure(contextOf(id, endpoint, exchange, request.model), signal, () =>
        new Client(endpoint, exchange).countTokens(request.model, writePrompt(request), signal),
      )
    },
  }
}

/** An event may hold several chunks. */
function inLists(parser: GoogleParser): Parser<JsonObject[]> {
  return {
    *push(chunks) {
      for (const chunk of chunks) yield* parser.push(chunk)
    },
    finish: () => parser.finish(),
  }
}

function idOf({ name = '' }: Model): string {
  return name.replace(/^models\//, '')
}

/** Models that answer in words. Those that only speak take the same action, and their names alone tell. */
function isChat(model: Model): boolean {
  const id = idOf(model)
  return id !== '' && model.supportedActions?.includes('generateContent') === true && !/-tts(-|$)|-audio/.test(id)
}

function readModel(provider: ProviderId, model: Model): ModelInfo {
  const id = idOf(model)
  // The list tells none of it; every Gemini sees images, and all but those that draw read PDFs and call tools.
  const gemini = id.startsWith('gemini-')
  const draws = /-image/.test(id)
  return {
    id,
    provider,
    name: model.displayName || id,
    ...(model.inputTokenLimit ? { contextWindow: model.inputTokenLimit } : {}),
    ...(model.outputTokenLimit ? { maxOutputTokens: model.outputTokenLimit } : {}),
    ...(gemini ? { tools: !draws, images: true, ...(draws ? {} : { pdfs: true }) } : {}),
    ...(model.thinking === undefined ? {} : { thinking: model.thinking }),
    source: 'provider',
  }
}
