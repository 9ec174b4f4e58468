/** Agents, prompts and instructions as whole turns: what is really sent, with which model, tools, key and limits. */
import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import type { CustomisationSettings } from '../../src/host/customisation/window.ts'
import { fill } from './customisation/disk-files.ts'
import type { PanelEvent } from '../../src/shared/protocol.ts'
import { AgentWindow } from './agent-window.ts'

const REVIEWER = `---
name: Reviewer
model: ['No Such Model', 'Claude Opus 4.5 (copilot)']
tools: ['read', 'search', 'github/*']
panelist:
  thinking: high
  max-output-tokens: 900
  key-profile: team
---
You review.`
const WORKSPACE = {
  'AGENTS.md': 'Use tabs.',
  '.github/agents/reviewer.agent.md': REVIEWER,
  '.github/agents/plain.agent.md': 'You are plain.',
  '.github/instructions/py.instructions.md': '---\napplyTo: "**/*.py"\n---\nFour spaces.',
  '.github/prompts/explain.prompt.md':
    '---\ndescription: Explains\nagent: reviewer\n---\nExplain ${selection} in ${file} for ${input:who:a child, say}.',
  '.github/prompts/quick.prompt.md': '---\nmodel: claude-haiku-4-5\ntools: [search]\n---\nBe quick.',
}

describe('a conversation with an agent', function () {
  this.timeout(90_000)
  let opened: AgentWindow
  afterEach(() => opened.close())

  it('sends its prompt and the instructions with their files named, asks its first usable model, and only with its tools', async () => {
    opened = await AgentWindow.open(WORKSPACE)
    opened.settings.systemPrompt = 'I am Ada.'
    await opened.page.ask('choose-agent', { agent: 'workspace:reviewer' })
    const { model, system, tools, max_tokens } = await opened.asked()
    assert.equal(model, 'claude-opus-4-5')
    assert.equal(max_tokens, 900)
    assert.deepEqual(tools, ['read_file', 'search_text', 'mcp_github_list'])
    assert.match(
      system,
      /^I am Ada\.\n\n<agent name="Reviewer">\nYou review\.\n<\/agent>\n\n<instructions file="AGENTS\.md">\nUse tabs\./,
    )
  })

  it('is the one it was chosen for, also where another is shown before its file was read', async () => {
    opened = await AgentWindow.open(WORKSPACE)
    const { page } = opened
    const chat = page.session.conversation
    const agentOf = (id: string): string | undefined => opened.window.services.store().conversations.get(id)?.agent
    const chosen = page.ask('choose-agent', { agent: 'workspace:reviewer' })
    await page.ask('new', { keepChoice: false })
    await chosen
    assert.deepEqual([agentOf(chat), agentOf(page.session.conversation)], ['workspace:reviewer', undefined])
  })

  it('has it for a message that is sent before its file was read', async () => {
    opened = await AgentWindow.open(WORKSPACE)
    const { page, window } = opened
    const { customising } = window.services
    const find = customising.find.bind(customising)
    const read = Promise.withResolvers<void>()
    customising.find = async (...asked) => {
      await read.promise
      return find(...asked)
    }
    const chosen = page.ask('choose-agent', { agent: 'workspace:reviewer' })
    const asked = opened.asked()
    for (let turns = 0; turns < 50; turns++) await nextTurn()
    read.resolve()
    await chosen
    assert.match((await asked).system, /You review\./)
  })

  it('tells the page which agent it is, that its model won, and with each answer what it was made with', async () => {
    opened = await AgentWindow.open(WORKSPACE)
    await opened.page.ask('choose-agent', { agent: 'workspace:reviewer' })
    await opened.asked('See main.py')
    const settled: Extract<PanelEvent, { type: 'settled' }>[] = []
    await opened.page.until((events) => {
      settled.push(...events.filter((event) => event.type === 'settled'))
      return settled.length > 0
    })
    const { conversation, page } = await opened.page.ready()
    assert.deepEqual(conversation.agent, { id: 'workspace:reviewer', name: 'Reviewer', origin: 'conversation' })
    assert.deepEqual(
      [conversation.chosen?.origin, conversation.chosen?.agent, conversation.chosen?.thinking],
      ['agent', { id: 'workspace:reviewer', name: 'Reviewer' }, 'high'],
    )
    const { guidance } = page.messages.at(-1)!
    assert.deepEqual(guidance?.agent, { id: 'workspace:reviewer', name: 'Reviewer' })
    assert.deepEqual(
      guidance?.instructions?.map(({ path }) => path),
      ['AGENTS.md', '.github/instructions/py.instructions.md'],
    )
    assert.deepEqual(settled[0]?.guidance, guidance)
  })

  it('keeps the agent with it, and writes it into the record of each request', async () => {
    opened = await AgentWindow.open(WORKSPACE)
    await opened.page.ask('choose-agent', { agent: 'workspace:reviewer' })
    await opened.asked()
    const store = opened.window.services.store()
    assert.equal(store.conversations.get(opened.page.session.conversation)?.agent, 'workspace:reviewer')
    assert.deepEqual(
      store.requests.list().map(({ agent }) => agent),
      ['workspace:reviewer'],
    )
  })

  it('is overridden by what is chosen in the conversation, and says what it would be', async () => {
    opened = await AgentWindow.open(WORKSPACE)
    await opened.page.ask('choose-agent', { agent: 'workspace:reviewer' })
    await opened.page.ask('choose', { provider: 'anthropic', model: 'claude-haiku-4-5' })
    const chosen = await opened.chosen()
    assert.deepEqual(
      [chosen.model, chosen.origin, chosen.agent?.model],
      ['claude-haiku-4-5', 'conversation', 'claude-opus-4-5'],
    )
    assert.equal((await opened.asked()).model, 'claude-haiku-4-5')
    await opened.page.ask('choose-agent', { agent: 'workspace:reviewer' })
    assert.equal((await opened.chosen()).origin, 'agent')
  })

  it('keeps the model of the conversation where the agent names none', async () => {
    opened = await AgentWindow.open(WORKSPACE)
    await opened.page.ask('choose', { provider: 'anthropic', model: 'claude-haiku-4-5' })
    await opened.page.ask('choose-agent', { agent: 'workspace:plain' })
    const { model, system, tools } = await opened.asked()
    assert.equal(model, 'claude-haiku-4-5')
    assert.match(system, /You are plain\./)
    assert.equal(tools.length, 5)
  })

  it('asks with the key of the agent once the person picked it, and not where the workspace alone says so', async () => {
    opened = await AgentWindow.open(WORKSPACE)
    opened.settings.agent = { name: 'reviewer', origin: 'workspace' }
    opened.customising.forget()
    assert.deepEqual([(await opened.asked()).key, (await opened.chosen()).origin], ['sk-ant-first-1', 'agent'])
    assert.match((await opened.page.ready()).conversation.agent?.problem ?? '', /Its key “team” is used once you pick/)
    await opened.page.ask('choose-agent', { agent: 'workspace:reviewer' })
    assert.equal((await opened.asked()).key, 'sk-ant-team-22')
    assert.equal((await opened.page.ready()).conversation.agent?.problem, undefined)
  })

  it('writes what was chosen beside it into its file, and leaves the rest of that as it is', async () => {
    const text = '---\r\n# ours\r\nname: A\r\nhooks: { Stop: [] }\r\n---\r\nText\r\n'
    opened = await AgentWindow.open({ '.github/agents/a.agent.md': text })
    await opened.page.ask('choose-agent', { agent: 'workspace:a' })
    await assert.rejects(opened.page.ask('keep-in-agent', {}), /nothing to keep/)
    await opened.page.ask('choose', { provider: 'anthropic', model: 'claude-haiku-4-5' })
    await opened.page.ask('options', { thinking: 'low' })
    await opened.page.ask('keep-in-agent', {})
    opened.customising.forget()
    const added = 'model: anthropic/claude-haiku-4-5\r\npanelist:\r\n  thinking: low\r\n'
    assert.equal(opened.read('.github/agents/a.agent.md'), text.replace('---\r\nText', `${added}---\r\nText`))
    assert.equal((await opened.chosen()).origin, 'agent')
  })

  it('hands its agent and what was chosen on to the next new chat', async () => {
    opened = await AgentWindow.open(WORKSPACE)
    await opened.page.ask('choose-agent', { agent: 'workspace:reviewer' })
    await opened.asked()
    const { conversation } = await opened.page.ask('new', { keepChoice: true })
    assert.deepEqual([conversation.agent?.id, conversation.chosen?.origin], ['workspace:reviewer', 'agent'])
    const { conversation: bare } = await opened.page.ask('new', { keepChoice: false })
    assert.equal(bare.agent, undefined)
  })

  it('hands over to what its file proposes next: another agent, a model, and what is to be said', async () => {
    const agent = `---
handoffs:
  - { label: Review it, agent: reviewer, prompt: Review what you wrote., model: claude-haiku-4-5 }
  - { label: Go on, agent: agent, send: true }
  - { label: Ask nobody, agent: nobody }
---
x`
    opened = await AgentWindow.open({ ...WORKSPACE, '.github/agents/writer.agent.md': agent })
    await opened.page.ask('choose-agent', { agent: 'workspace:writer' })
    const { conversation } = await opened.page.ready()
    assert.deepEqual(
      conversation.agent?.handoffs?.map(({ label }) => label),
      ['Review it', 'Go on', 'Ask nobody'],
    )
    await assert.rejects(opened.page.ask('hand-off', { at: 2 }), /no agent “nobody”/)
    await assert.rejects(opened.page.ask('hand-off', { at: 3 }), /no longer there/)
    assert.deepEqual(await opened.page.ask('hand-off', { at: 0 }), { prompt: 'Review what you wrote.' })
    const { model, system } = await opened.asked('Review what you wrote.')
    assert.deepEqual([model, system.includes('You review.')], ['claude-haiku-4-5', true])
    await opened.page.ask('choose-agent', { agent: 'workspace:writer' })
    assert.deepEqual(await opened.page.ask('hand-off', { at: 1 }), { prompt: '', send: true })
    assert.equal((await opened.page.ready()).conversation.agent, undefined)
  })

  it('can have no agent although the settings name one', async () => {
    opened = await AgentWindow.open(WORKSPACE)
    opened.settings.agent = { name: 'reviewer', origin: 'user' }
    opened.customising.forget()
    await opened.page.ask('choose-agent', { agent: null })
    assert.doesNotMatch((await opened.asked()).system, /You review/)
    assert.equal((await opened.page.ready()).conversation.agent, undefined)
  })

  it('pauses at the budget of the agent, which can only be lower than the person’s own', async () => {
    const agent = (budget: number) => ({ '.github/agents/a.agent.md': `---\npanelist:\n  budget: ${budget}\n---\nx` })
    opened = await AgentWindow.open(agent(1))
    await opened.page.ask('choose-agent', { agent: 'workspace:a' })
    const before = opened.server.requests.length
    opened.calls = 10
    await opened.asked()
    assert.equal(opened.server.requests.length - before, 1)
    assert.deepEqual((await opened.page.ready()).conversation.turn?.end, { kind: 'limit', of: 'cost', limit: 1 })
    opened.settings.tools = { ...opened.settings.tools, limits: { cost: 20 } }
    fill(opened.folder, agent(1000))
    opened.customising.forget()
    opened.calls = 10
    await opened.asked()
    assert.deepEqual((await opened.page.ready()).conversation.turn?.end, { kind: 'limit', of: 'cost', limit: 20 })
  })

  it('pauses once in a chat where nobody knows what its model costs, since its budget could not be held to', async () => {
    const file = '---\nmodel: house\npanelist:\n  budget: 1\n---\nx'
    opened = await AgentWindow.open({ '.github/agents/a.agent.md': file })
    opened.settings.models = [{ provider: 'anthropic', id: 'house' }]
    await opened.page.ask('choose-agent', { agent: 'workspace:a' })
    opened.calls = 3
    await opened.asked()
    const end = async () => (await opened.page.ready()).conversation.turn?.end
    assert.deepEqual(await end(), { kind: 'limit', of: 'cost', limit: 1, unknown: true })
    assert.equal(opened.calls, 2)
    await opened.asked()
    assert.deepEqual(await end(), { kind: 'done' })
  })

  it('has a limit of tokens that a workspace can lower and never raise, while the person’s own agent can', async () => {
    const agent = '---\nmodel: claude-opus-4-5\npanelist:\n  max-output-tokens: 5000\n---\nx'
    opened = await AgentWindow.open({ '.github/agents/here.agent.md': agent }, { 'mine.agent.md': agent })
    opened.settings.maxOutputTokens = 2000
    await opened.page.ask('choose-agent', { agent: 'workspace:here' })
    assert.equal((await opened.chosen()).outputLimit, 2000)
    await opened.page.ask('choose-agent', { agent: 'user:mine' })
    assert.equal((await opened.chosen()).outputLimit, 5000)
  })

  it('goes on with what is left where the file of its agent is gone, and says so', async () => {
    opened = await AgentWindow.open(WORKSPACE)
    await opened.page.ask('choose-agent', { agent: 'workspace:reviewer' })
    opened.files.isTrusted = false
    opened.customising.forget()
    const { agent, chosen } = (await opened.page.ready()).conversation
    assert.equal(agent?.missing, true)
    assert.match(agent?.problem ?? '', /Restricted Mode/)
    assert.notEqual(chosen?.origin, 'agent')
    const { system, tools } = await opened.asked()
    assert.deepEqual([system, tools], ['', []])
  })

  it('keeps the beginning of the request from turn to turn', async () => {
    opened = await AgentWindow.open(WORKSPACE)
    await opened.page.ask('choose-agent', { agent: 'workspace:reviewer' })
    const first = await opened.asked('Hello')
    const second = await opened.asked('And main.py?')
    const third = await opened.asked('Thanks')
    assert.equal(second.system.startsWith(first.system), true)
    assert.match(second.system.slice(first.system.length), /Four spaces/)
    assert.equal(third.system, second.system)
  })

  it('is listed with what is wrong with it in this window, and never with its prompt', async () => {
    opened = await AgentWindow.open({ '.github/agents/a.agent.md': '---\nmodel: Nobody Has This\n---\nSecret recipe' })
    const { agents } = await opened.page.ask('agents', {})
    assert.match(agents[0]?.warning ?? '', /None of its models can be used/)
    assert.equal(JSON.stringify(agents).includes('recipe'), false)
  })

  it('shows its model also where it stands in a list that nobody has asked for before', async () => {
    opened = await AgentWindow.open({ '.github/agents/a.agent.md': '---\nmodel: Listed Elsewhere\n---\nx' })
    const list = await opened.offerUnasked({ id: 'elsewhere-1', display_name: 'Listed Elsewhere' })
    await opened.page.ask('choose-agent', { agent: 'workspace:a' })
    assert.notEqual((await opened.chosen()).origin, 'agent')
    list()
    // Told of a change, the page asks anew; lists of others may have come first.
    for (let seen = 0; (await opened.chosen()).origin !== 'agent'; seen = opened.changes)
      while (opened.changes === seen) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.ok(opened.changes > 0)
    assert.deepEqual([(await opened.chosen()).model, (await opened.chosen()).origin], ['elsewhere-1', 'agent'])
  })

  it('tells the page which tools the agent leaves', async () => {
    opened = await AgentWindow.open(WORKSPACE)
    await opened.page.ask('choose-agent', { agent: 'workspace:reviewer' })
    const { groups, narrowedBy } = await opened.page.ask('tools', {})
    assert.deepEqual(
      groups.flatMap(({ tools }) => tools.map(({ name }) => name)),
      ['read_file', 'search_text', 'mcp_github_list'],
    )
    assert.deepEqual(narrowedBy, { agent: 'Reviewer', of: 5 })
  })

  it('opens only files that were found', async () => {
    opened = await AgentWindow.open(WORKSPACE)
    const [file] = await opened.page.ask('instructions', {})
    await opened.page.ask('open-customisation', { uri: file!.uri })
    assert.deepEqual(opened.opened, [file!.uri])
    await assert.rejects(opened.page.ask('open-customisation', { uri: 'file:///etc/passwd' }), /no longer there/)
  })

  it('has its model by the order that is documented, whatever is set', async () => {
    opened = await AgentWindow.open(WORKSPACE, { 'mine.agent.md': '---\nmodel: claude-haiku-4-5\n---\nx' })
    type Named = CustomisationSettings['agent'] | undefined
    const { chooser } = opened.window.services
    const modelOf: Record<string, string> = {
      reviewer: 'claude-opus-4-5',
      mine: 'claude-haiku-4-5',
      'workspace:reviewer': 'claude-opus-4-5',
      'user:mine': 'claude-haiku-4-5',
    }
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(undefined, 'claude-sonnet-4-5'),
        fc.constantFrom(undefined, 'none', 'user:mine', 'workspace:reviewer', 'workspace:plain'),
        fc.constantFrom<Named[]>(
          undefined,
          { name: 'reviewer', origin: 'workspace' },
          { name: 'mine', origin: 'user' },
        ),
        fc.constantFrom(undefined, 'claude-3-of-settings'),
        async (own, agent, named, setting) => {
          const { settings } = opened
          delete settings.agent
          delete settings.model
          if (named) settings.agent = named
          Object.assign(settings, { provider: 'anthropic', origin: 'user' }, setting && { model: setting })
          const chosen = await chooser.choose(
            {
              id: 'c',
              title: '',
              createdAt: 0,
              updatedAt: 0,
              ...(own && { choice: { provider: 'anthropic', model: own } }),
              ...(agent && { agent }),
            },
            true,
          )
          const ofAgent = modelOf[agent ?? named?.name ?? '']
          if (own)
            assert.deepEqual([chosen?.model, chosen?.origin, chosen?.agent?.model], [own, 'conversation', ofAgent])
          else if (ofAgent) assert.deepEqual([chosen?.model, chosen?.origin], [ofAgent, 'agent'])
          else assert.deepEqual([chosen?.model, chosen?.origin], [setting ?? 'claude-sonnet-4-5', 'user'])
        },
      ),
    )
  })
})

describe('prompt files in the composer', function () {
  this.timeout(90_000)
  let opened: AgentWindow
  beforeEach(async () => void (opened = await AgentWindow.open(WORKSPACE)))
  afterEach(() => opened.close())

  /** As the page does, it asks again while a source says that it has more: the files are read behind the first question. */
  const find = async (label: string): Promise<string> => {
    for (;;) {
      const { items, more } = await opened.page.ask('suggest', { trigger: '/', query: label })
      const found = items.find((item) => item.label === `/${label}`)
      if (found || !more) return found!.id
    }
  }

  it('are offered by name, ask for their inputs, and become the message', async () => {
    const id = await find('explain')
    const form = await opened.page.ask('take-suggestion', { id, draft: '' })
    assert.deepEqual(form, {
      kind: 'form',
      title: '/explain',
      description: 'Explains',
      fields: [{ name: 'who', required: false, description: 'a child, say' }],
    })
    const taken = await opened.page.ask('take-suggestion', { id, draft: 'Briefly.', values: { who: '${file} fans' } })
    assert.deepEqual(taken, {
      kind: 'message',
      text: 'Explain let x in src/x.ts for ${file} fans.\n\nBriefly.',
      files: [],
    })
  })

  it('bring their agent', async () => {
    await opened.page.ask('take-suggestion', { id: await find('explain'), draft: '', values: { who: '' } })
    assert.equal((await opened.page.ready()).conversation.agent?.id, 'workspace:reviewer')
  })

  it('bring their model and their tools to the conversation, where they can be seen and changed', async () => {
    await opened.page.ask('take-suggestion', { id: await find('quick'), draft: '' })
    const { model, tools } = await opened.asked()
    assert.deepEqual([model, tools], ['claude-haiku-4-5', ['search_text']])
    await opened.page.ask('switch-tools', { off: [] })
    assert.equal((await opened.asked()).tools.length, 5)
  })

  it('lead to the agents', async () => {
    assert.deepEqual(await opened.page.ask('take-suggestion', { id: await find('agents'), draft: '' }), {
      kind: 'done',
    })
    await opened.page.until((events) => events.some((event) => event.type === 'show' && event.what === 'agents'))
  })
})
