/** What servers ask of us: folders, forms, answers of a model. */
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import type { ClientCapabilities, CreateMessageRequest, ElicitRequest } from '@modelcontextprotocol/sdk/types.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import type { Json, JsonObject } from '../shared/json.ts'
import { Allowance } from './allowance.ts'
import type * as Ports from './ports.ts'
import { partsOfContent } from './results.ts'
import { clean, cutAt, visible } from './text.ts'

/** What we can do for a server, given who is there to be asked. */
export function capabilitiesFor(ports: Ports.McpPorts): ClientCapabilities {
  return {
    roots: { listChanged: true },
    // What a server proposes stands in the form: the SDK would put it back where the person took it out.
    ...(ports.onElicit ? { elicitation: { form: {}, url: {} } } : {}),
    ...(ports.onSample ? { sampling: {} } : {}),
  }
}

/**
 * Installs the answers on a client. `asking` runs what asks a person: the clocks of the server's running requests stand
 * still meanwhile.
 */
export function answerQuestions(
  client: Client,
  server: string,
  ports: Ports.McpPorts,
  asking: <T>(ask: () => Promise<T>) => Promise<T>,
): void {
  const { onElicit, onSample } = ports
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [...ports.roots()] }))
  if (onElicit) {
    const allowance = new Allowance(20, 60_000, 3)
    client.setRequestHandler(ElicitRequestSchema, ({ params }, { signal }) =>
      limited(ports, server, 'input', allowance, () => asking(() => onElicit(elicitation(server, params), signal))),
    )
  }
  if (onSample) {
    const allowance = new Allowance(10, 60_000, 2)
    client.setRequestHandler(CreateMessageRequestSchema, ({ params }, { signal }) =>
      limited(ports, server, 'an answer of a model', allowance, () =>
        asking(async () => {
          const answer = await onSample(sampling(server, params), signal)
          if (!answer) throw new Error('The person said no.')
          const { model, text, stop = 'endTurn' } = answer
          return { model, role: 'assistant' as const, content: { type: 'text' as const, text }, stopReason: stop }
        }),
      ),
    )
  }
}

async function limited<T>(
  ports: Ports.McpPorts,
  server: string,
  wish: string,
  allowance: Allowance,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await allowance.use(ask)
  } catch (error) {
    const text = `A request of the server for ${wish} was refused: ${error instanceof Error ? error.message : 'failed'}`
    ports.onLog?.({ server, level: 'warning', source: 'client', text })
    throw error
  }
}

function elicitation(server: string, params: ElicitRequest['params']): Ports.ElicitRequest {
  const message = cutAt(visible(params.message), 4_000)
  if (params.mode === 'url') return { server, message, mode: 'url', url: params.url, id: params.elicitationId }
  return { server, message, mode: 'form', schema: params.requestedSchema as unknown as JsonObject }
}

function sampling(server: string, params: CreateMessageRequest['params']): Ports.SampleRequest {
  const wishes = (params.modelPreferences?.hints ?? []).flatMap(({ name }) => (name ? [visible(name)] : []))
  return {
    server,
    ...(params.systemPrompt ? { system: clean(params.systemPrompt) } : {}),
    messages: params.messages.map(({ role, content }) => ({
      role,
      content: partsOfContent((Array.isArray(content) ? content : [content]) as unknown as Json[]),
    })),
    maxOutputTokens: params.maxTokens,
    ...(params.temperature === undefined ? {} : { temperature: params.temperature }),
    ...(params.stopSequences ? { stopSequences: params.stopSequences } : {}),
    wishes,
  }
}
