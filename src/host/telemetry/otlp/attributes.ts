/** The facts under the names of the semantic conventions; what those have no name for stands under `panelist`. */
import type { Attributes } from '@opentelemetry/api'
import type { CallFacts, RequestFacts, TurnEnd, TurnFacts } from '../facts.ts'

/** Names of providers that the conventions fix; every other keeps its own. */
const PROVIDERS: Record<string, string> = {
  google: 'gcp.gemini',
  mistral: 'mistral_ai',
  moonshot: 'moonshot_ai',
  xai: 'x_ai',
}

export const providerName = (id: string): string => PROVIDERS[id] ?? id

export function turnAttributes({ conversation, agent }: TurnFacts): Attributes {
  return {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.provider.name': 'panelist',
    'gen_ai.conversation.id': conversation,
    ...agentAttributes(agent),
  }
}

export function endAttributes({ kind, steps, tokens, cost }: TurnEnd): Attributes {
  return {
    'gen_ai.usage.input_tokens': tokens.input,
    'gen_ai.usage.output_tokens': tokens.output,
    'panelist.turn.end': kind,
    'panelist.turn.requests': steps,
    ...(cost !== undefined && { 'panelist.cost.usd': cost }),
  }
}

export function requestAttributes(facts: RequestFacts, agent: TurnFacts['agent']): Attributes {
  const { record, maxOutputTokens, temperature, finish } = facts
  const { firstTokenMs, conversation, httpStatus, requestId } = record
  return {
    ...targetAttributes(facts),
    'gen_ai.request.stream': true,
    'gen_ai.response.finish_reasons': [finish],
    ...(conversation !== undefined && { 'gen_ai.conversation.id': conversation }),
    ...(maxOutputTokens !== undefined && { 'gen_ai.request.max_tokens': maxOutputTokens }),
    ...(temperature !== undefined && { 'gen_ai.request.temperature': temperature }),
    ...(firstTokenMs !== undefined && { 'gen_ai.response.time_to_first_chunk': firstTokenMs / 1000 }),
    ...usageAttributes(facts),
    ...agentAttributes(agent),
    ...(httpStatus !== undefined && { 'http.response.status_code': httpStatus }),
    ...(requestId !== undefined && { 'panelist.request.id': requestId }),
    ...ownAttributes(facts),
  }
}

/** What requests are told apart by, also in metrics: there are few of each. */
export function targetAttributes({ record, address, responseModel }: RequestFacts): Attributes {
  const server = address === undefined ? null : URL.parse(address)
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': providerName(record.provider),
    'gen_ai.request.model': record.model,
    ...(responseModel !== undefined && { 'gen_ai.response.model': responseModel }),
    ...(server && { 'server.address': server.hostname, 'server.port': portOf(server) }),
  }
}

/** A URL leaves out the port that is usual for its scheme. */
const portOf = ({ port, protocol }: URL): number => Number(port || (protocol === 'http:' ? 80 : 443))

/** By the conventions what was read from a cache or written to it is part of the input. */
function usageAttributes({ record, estimated }: RequestFacts): Attributes {
  const { input, output, cacheRead, cacheWrite, reasoning } = record
  if (inputOf(record) + output === 0) return {}
  return {
    'gen_ai.usage.input_tokens': input + cacheRead + cacheWrite,
    'gen_ai.usage.output_tokens': output,
    ...(cacheRead > 0 && { 'gen_ai.usage.cache_read.input_tokens': cacheRead }),
    ...(cacheWrite > 0 && { 'gen_ai.usage.cache_creation.input_tokens': cacheWrite }),
    ...(reasoning > 0 && { 'gen_ai.usage.reasoning.output_tokens': reasoning }),
    ...(estimated && { 'panelist.usage.estimated': true }),
  }
}

export const inputOf = ({ input, cacheRead, cacheWrite }: RequestFacts['record']): number =>
  input + cacheRead + cacheWrite

function ownAttributes({ record }: RequestFacts): Attributes {
  const { cost, attempt, failoverFrom, keyProfile, paidBy, outcome } = record
  return {
    'panelist.request.outcome': outcome,
    'panelist.request.attempt': attempt,
    ...(failoverFrom !== undefined && { 'panelist.request.failover_from': providerName(failoverFrom) }),
    ...(keyProfile !== undefined && { 'panelist.key.profile': keyProfile }),
    ...(paidBy !== undefined && { 'panelist.paid_by': paidBy }),
    ...(cost !== undefined && { 'panelist.cost.usd': cost }),
  }
}

/** What the model called where there is no such tool is in its own words, and stays out. */
export const toolName = ({ tool }: CallFacts): string => tool?.name ?? 'unknown'

export function callAttributes(facts: CallFacts, agent: TurnFacts['agent']): Attributes {
  const { id, tool } = facts
  return {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': toolName(facts),
    'gen_ai.tool.call.id': id,
    'gen_ai.tool.type': 'function',
    ...(tool && { 'panelist.tool.effect': tool.effect, 'panelist.tool.source': tool.source }),
    ...agentAttributes(agent),
  }
}

export function agentAttributes(agent: TurnFacts['agent']): Attributes {
  return agent ? { 'gen_ai.agent.id': agent.id, 'gen_ai.agent.name': agent.name } : {}
}
