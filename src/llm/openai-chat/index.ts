/** OpenAI's Chat Completions, as every compatible server speaks them. */
import type { OpenDialect } from '../dialect.ts'
import { orFailure } from '../failures.ts'
import { guard } from '../guard.ts'
import { newCall, openStream } from '../openai/client.ts'
import type { Call } from '../openai/client.ts'
import { fetchModels } from '../openai/models.ts'
import { endsWithAnswer, noPrefill, prefillOf } from '../prefill.ts'
import { untilComplete } from '../ready.ts'
import { learnedFor, withRelief } from '../relief.ts'
import { flavourOf } from './flavours.ts'
import { reliefs as usual, requestBody } from './request.ts'
import { ChatParser } from './stream.ts'
import { estimatedUsage } from './usage.ts'

export const open: OpenDialect = (id, endpoint) => {
  const flavour = flavourOf(id)
  const allReliefs = [...usual, ...(flavour.reliefs ?? [])]
  const official = new URL(endpoint.baseUrl).hostname.endsWith('.openai.com')
  return {
    listModels(signal) {
      const call = newCall(id, endpoint, undefined, flavour.headers)
      return orFailure(call.context, signal, async () => {
        const [models] = await Promise.all([
          fetchModels(call, id, signal),
          endpoint.apiKey && flavour.keyPath && proveKey(call, flavour.keyPath, signal),
        ])
        return models
      })
    },

    stream(request, signal) {
      const call = newCall(id, endpoint, request.model, flavour.headers)
      const origin = { provider: id, dialect: 'openai-chat', model: request.model }
      const prefill = prefillOf(request, 'openai-chat', id)
      const plain = { ...requestBody(prefill?.request ?? request, official), ...prefill?.also }
      const body = flavour.body?.(plain, request, endpoint.baseUrl) ?? plain
      const reliefs = prefill ? [...allReliefs, noPrefill(request)] : allReliefs
      let prefilled = false
      const parser = new ChatParser(origin, (reported, answer) => {
        const usage = reported ?? estimatedUsage(body, answer)
        return flavour.usage?.(usage, call.context.exchange.headers) ?? usage
      })
      return guard(
        {
          origin,
          parser,
          context: call.context,
          async open(inner) {
            const learned = learnedFor(endpoint.baseUrl, request.model)
            const chunks = await withRelief(body, reliefs, learned, (smaller) => {
              prefilled = prefill?.exact === true && endsWithAnswer(smaller)
              return openStream(call, '/chat/completions', smaller, inner)
            })
            return untilComplete(chunks, () => parser.complete)
          },
          prefilled: () => prefilled,
        },
        signal,
      )
    },
  }
}

/** Throws where the key is refused, and in no other case: a gateway may not know the path. */
async function proveKey({ client }: Call, path: string, signal: AbortSignal): Promise<void> {
  try {
    await client.get(path, { signal })
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === 401) throw error
  }
}
