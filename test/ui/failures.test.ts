/** What people meet when a provider cannot answer, and the way out of it. */
import assert from 'node:assert/strict'
import type { Json } from '../../src/shared/json.ts'
import { Chat, words } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import { startFakeProvider } from '../harness/fake-providers.ts'
import type { FakeProvider, FakeTurn } from '../harness/fake-providers.ts'
import { freePort } from '../harness/processes.ts'
import { openWorkbench } from '../harness/workbench.ts'
import type { Workbench } from '../harness/workbench.ts'

type Case = {
  name: string
  how: (turn: FakeTurn) => unknown
  code: string
  says: RegExp
  actions: string[]
  /** Arrived before it went wrong. */
  partial?: string
}

const cases: Case[] = [
  {
    name: 'a refused key',
    how: (turn) => turn.fail(401, 'authentication_error', 'invalid x-api-key'),
    code: 'auth',
    says: /did not accept the API key.*set a new one/,
    actions: ['set-key', 'retry'],
  },
  {
    name: 'a model that is not there',
    how: (turn) => turn.fail(404, 'not_found_error', 'model: claude-haiku-4-5'),
    code: 'not-found',
    says: /does not know the model "claude-haiku-4-5".*Choose another model/,
    actions: ['select-model', 'open-settings'],
  },
  {
    name: 'an invalid request',
    how: (turn) => turn.fail(400, 'invalid_request_error', 'messages: something odd'),
    code: 'invalid-request',
    says: /refused the request .*invalid \(HTTP 400\)/,
    actions: ['select-model', 'show-logs', 'retry'],
  },
  {
    name: 'a conversation that is too long',
    how: (turn) => turn.fail(400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'),
    code: 'context-length',
    says: /too long for .*Start a new chat/,
    actions: ['new-chat', 'select-model', 'retry'],
  },
  {
    name: 'a rate limit',
    how: (turn) => turn.fail(429, 'rate_limit_error', 'slow down', { 'retry-after': '30' }),
    code: 'rate-limit',
    says: /too many requests.*Try again in 30 seconds/,
    actions: ['retry', 'select-model'],
  },
  {
    name: 'a broken server',
    how: (turn) => turn.fail(500, 'api_error', 'Internal server error'),
    code: 'unavailable',
    says: /has a problem of its own \(HTTP 500\)/,
    actions: ['retry', 'select-model'],
  },
  {
    name: 'an overloaded server',
    how: (turn) => turn.fail(529, 'overloaded_error', 'Overloaded'),
    code: 'overloaded',
    says: /is overloaded/,
    actions: ['retry', 'select-model'],
  },
  {
    name: 'garbage',
    how: (turn) => turn.garbage(),
    code: 'malformed',
    says: /not a valid answer/,
    actions: ['retry', 'show-logs'],
  },
  {
    name: 'an answer that just ends',
    how: async (turn) => {
      await turn.say(words(0, 8))
      turn.truncate()
    },
    code: 'truncated',
    says: /ended the answer before it was complete/,
    actions: ['retry', 'show-logs'],
    partial: words(0, 8),
  },
  {
    name: 'a connection cut in mid-answer',
    how: async (turn) => {
      await turn.say(words(0, 8))
      turn.drop()
    },
    code: 'network',
    says: /was cut\. What arrived is kept/,
    actions: ['retry', 'open-settings', 'show-logs'],
    partial: words(0, 8),
  },
]

describe('When a provider cannot answer', () => {
  let workbench: Workbench
  let chat: Chat
  let provider: FakeProvider
  const settings = (changes: Record<string, Json | undefined>) => workbench.helper.changeSettings(changes)
  const connect = () => settings({ 'panelist.providers': { anthropic: provider.setting } })

  pictureFailures(() => workbench)

  before(async () => {
    provider = await startFakeProvider('anthropic')
    workbench = await openWorkbench({
      // What is tried again by itself is told in retries.test.ts: here a failure is one.
      settings: {
        'panelist.provider': 'anthropic',
        'panelist.model': 'claude-haiku-4-5',
        'panelist.retry.attempts': 0,
      },
    })
    await workbench.focusPanel()
    chat = await Chat.of(workbench)
  })

  after(async () => {
    await workbench?.close()
    await provider?.close()
  })

  it('for want of a key, the empty chat and the failure both offer to set one in a native password box', async () => {
    await chat.frame.getByRole('button', { name: 'Set Anthropic key' }).click()
    await passwordBox()
    await chat.send('Hello?')
    await chat.failure.waitFor()
    assert.equal(await chat.failure.getAttribute('data-code'), 'auth')
    assert.match(await chat.failure.innerText(), /No API key for Anthropic\. Set one to go on\./)
    await chat.button('Set API key').click()
    await passwordBox()
    await connect()
    await chat.button('Try again').click()
    await (await provider.next()).answer('Now it works.')
    await chat.says('Now it works.')
  })

  for (const { name, how, code, says, actions, partial } of cases) {
    it(`for ${name}, says what to do, and trying again works`, async () => {
      await chat.newChat()
      await how(await chat.ask(provider, 'Hello?'))
      await chat.failure.waitFor()
      assert.equal(await chat.failure.getAttribute('data-code'), code)
      assert.match(await chat.failure.innerText(), says)
      assert.deepEqual(await offered(), actions)
      if (code === 'rate-limit') await countsDown()
      if (partial !== undefined) {
        await chat.says(partial)
        assert.match(await chat.failure.innerText(), /^Interrupted/)
        await chat.button('Continue').waitFor()
      }
      if (actions.includes('retry')) await chat.button('Try again').click()
      else await chat.footer.getByRole('button', { name: 'Try again' }).click()
      const turn = await provider.next()
      assert.deepEqual(turn.history, [{ role: 'user', text: 'Hello?' }])
      await turn.answer('Here I am.')
      await chat.says('Here I am.')
      await chat.settled()
      assert.equal(await chat.frame.getByTestId('failure').count(), 0)
      assert.equal(await chat.answers.count(), 1)
    })
  }

  it('because nothing listens at its address, says so, and a changed setting is enough', async () => {
    await chat.newChat()
    await settings({ 'panelist.providers': { anthropic: { baseUrl: `http://127.0.0.1:${await freePort()}` } } })
    await chat.send('Hello?')
    await chat.failure.waitFor()
    assert.match(await chat.failure.innerText(), /refused the connection\. Check that the server is running/)
    assert.deepEqual(await offered(), ['retry', 'open-settings', 'show-logs'])
    await connect()
    await chat.button('Try again').click()
    await (await provider.next()).answer('Here I am.')
    await chat.says('Here I am.')
  })

  it('because it falls silent, the time limit of the settings ends the answer and keeps what came', async () => {
    await chat.newChat()
    await settings({ 'panelist.timeouts.idle': 0.5 })
    const turn = await chat.ask(provider, 'Hello?')
    await turn.say(words(0, 5))
    await chat.failure.waitFor()
    assert.equal((await turn.closed).aborted, true)
    assert.equal(await chat.failure.getAttribute('data-code'), 'timeout')
    assert.match(await chat.failure.innerText(), /0\.5 s/)
    assert.deepEqual(await offered(), ['retry', 'open-settings'])
    await chat.says(turn.sent)
    await settings({ 'panelist.timeouts.idle': undefined })
    await chat.button('Continue').click()
    await (await provider.next()).answer('More.')
    await chat.says(`${turn.sent}More.`)
  })

  it('because the key is wrong, the picker shows it as rejected until another is set', async () => {
    await chat.newChat()
    ;(await chat.ask(provider, 'Hello?')).fail(401, 'authentication_error', 'invalid x-api-key')
    await chat.button('Set API key').click()
    await typeKey('sk-ant-wrong-1234')
    await chat.button('Try again').click()
    const refused = await provider.next()
    assert.equal(refused.request.headers['x-api-key'], 'sk-ant-wrong-1234')
    refused.fail(401, 'authentication_error', 'invalid x-api-key')
    await chat.failure.waitFor()
    const picker = await chat.openPicker()
    await picker.getByText('key was rejected').waitFor()
    await picker.getByText('Set key for Anthropic').click()
    await typeKey('sk-ant-right-1234')
    await chat.button('Try again').click()
    const accepted = await provider.next()
    assert.equal(accepted.request.headers['x-api-key'], 'sk-ant-right-1234')
    await accepted.answer('Welcome.')
    await chat.says('Welcome.')
    await chat.hasKey()
  })

  it('causes no console error, no exception and no CSP violation', () => assert.deepEqual(workbench.problems, []))

  /** The actions of the failure, which appear once the answer is settled. */
  async function offered(): Promise<(string | null)[]> {
    await chat.failure.locator('[data-action]').first().waitFor()
    return chat.failure
      .locator('[data-action]')
      .evaluateAll((buttons) => buttons.map((button) => button.getAttribute('data-action')))
  }

  async function countsDown(): Promise<void> {
    const left = async (): Promise<number> =>
      Number(/wait (\d+) s/.exec(await chat.failure.locator('.left').innerText())?.[1])
    const first = await left()
    assert.ok(first > 20 && first <= 30, `${first} s`)
    for (const deadline = Date.now() + 10_000; (await left()) >= first; await workbench.page.waitForTimeout(50))
      assert.ok(Date.now() < deadline, `it stays at ${first} s`)
  }

  /** Waits for VS Code's own password box and closes it. */
  async function passwordBox(): Promise<void> {
    const input = workbench.page.locator('.quick-input-widget input[type=password]')
    await input.waitFor()
    await workbench.page.keyboard.press('Escape')
    await input.waitFor({ state: 'hidden' })
  }

  async function typeKey(key: string): Promise<void> {
    const input = workbench.page.locator('.quick-input-widget input[type=password]')
    await input.waitFor()
    await input.fill(key)
    await input.press('Enter')
    await input.waitFor({ state: 'hidden' })
    await chat.hasKey()
  }
})
