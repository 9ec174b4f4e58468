/** The OpenAI Responses API. */
import type { JsonObject } from '../../shared/json.ts'
import type { OpenDialect } from '../dialect.ts'
import { orFailure } from '../failures.ts'
import { guard } from '../guard.ts'
import { newCall, openStream } from '../openai/client.ts'
import { fetchModels } from '../openai/models.ts'
import { learnedFor, withRelief } from '../relief.ts'
import { countBody, reliefs, requestBody } from './request.ts'
import { ResponsesParser } from './stream.ts'

export const open: OpenDialect = (id, endpoint) => {
  return {
    listModels(signal) {
      const call = newCall(id, endpoint)
      return orFailure(call.context, signal, () => fetchModels(call, id, signal))
    },

    stream(request, signal) {
      const call = newCall(id, endpoint, request.model)
      const origin = { provider: id, dialect: 'openai-responses', model: request.model }
      return guard(
        {
          origin,
          parser: new ResponsesParser(origin),
          context: call.context,
          open: (inner) =>
            withRelief(requestBody(request), reliefs, learnedFor(endpoint.baseUrl, request.model), (body) =>
              openStream(call, '/responses', body, inner),
            ),
        },
        signal,
      )
    },

    countTokens(request, signal) {
      const call = newCall(id, endpoint, request.model)
      return orFailure(call.context, signal, () =>
        withRelief(countBody(request), reliefs, learnedFor(endpoint.baseUrl, request.model), async (body) => {
          const path = '/responses/input_tokens'
          const counted = await call.client.post<JsonObject>(path, { body, signal })
          if (typeof counted?.input_tokens !== 'number') throw new SyntaxError('The answer holds no token count.')
          return counted.input_tokens
        }),
      )
    },
  }
}
