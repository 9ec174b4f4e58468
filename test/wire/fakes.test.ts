/** The fake providers of the UI tests, held to the readers of what they stand for. */
import assert from 'node:assert/strict'
import type { ChatRequest, Connection } from '../../src/llm/index.ts'
import { createProvider } from '../../src/llm/index.ts'
import { gather } from '../harness/contract.ts'
import { COUNTED } from '../harness/fakes/fake.ts'
import type { FakeKind } from '../harness/fake-providers.ts'
import { startFakeProvider } from '../harness/fake-providers.ts'

type Case = {
  kind: FakeKind
  id: string
  dialect?: NonNullable<Connection['dialect']>
  models: string[]
  cost?: number
}

const cases: Case[] = [
  { kind: 'anthropic', id: 'anthropic', models: ['claude-sonnet-4-5', 'claude-opus-4-5', 'claude-haiku-4-5'] },
  { kind: 'openai', id: 'openai', models: ['gpt-5', 'gpt-5-mini', 'gpt-4.1'] },
  { kind: 'google', id: 'google', models: ['gemini-2.5-pro', 'gemini-2.5-flash'] },
  {
    kind: 'openrouter',
    id: 'openrouter',
    models: ['deepseek/deepseek-r2', 'mistralai/mistral-large'],
    cost: 0.05,
  },
  { kind: 'ollama', id: 'ollama', models: ['qwen3:8b', 'llama3.2:3b'] },
  { kind: 'litellm', id: 'litellm', models: ['team-large', 'team-small'], cost: 0.0321 },
  { kind: 'compatible', id: 'compatible', models: ['house-model', 'spare-model'] },
  { kind: 'compatible-anthropic', id: 'compatible', dialect: 'anthropic', models: ['claude-relayed'] },
]

describe('A fake provider', () => {
  for (const { kind, id, dialect, models, cost } of cases) {
    it(`of the kind ${kind} lists its models, thinks, answers and counts`, async () => {
      await using fake = await startFakeProvider(kind)
      const provider = createProvider(id, { ...fake.setting, apiKey: 'key-of-the-test', ...(dialect && { dialect }) })
      const { signal } = new AbortController()
      const listed = await provider.listModels(signal)
      assert.deepEqual(
        listed.map((model) => model.id),
        models,
      )

      const request: ChatRequest = {
        model: models[0]!,
        system: 'Be brief.',
        messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
      }
      const gathered = gather(provider.stream(request, signal))
      const turn = await fake.next()
      assert.equal(turn.model, models[0])
      assert.deepEqual(turn.history, [{ role: 'user', text: 'Hi' }])
      await turn.think('Let me ')
      await turn.think('see.')
      await turn.say('Hello')
      const used = { input: 1000, output: 50, cached: 0, ...(id === 'openrouter' && { cost: 0.05 }) }
      await turn.answer(' you.', used)
      const { message, stop } = await gathered
      assert.equal(stop.kind, 'done')
      assert.deepEqual(
        message.content.map((block) => ('text' in block ? [block.type, block.text] : [block.type])),
        [
          ['thinking', 'Let me see.'],
          ['text', 'Hello you.'],
        ],
      )
      assert.equal(message.origin.model, models[0])
      assert.deepEqual([message.usage.input, message.usage.output, message.usage.cost], [used.input, used.output, cost])
      if (provider.countTokens) assert.equal(await provider.countTokens(request, signal), COUNTED)
    })
  }
})
