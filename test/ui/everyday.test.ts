/** Daily use: a long conversation, the keyboard alone, commands of the palette, and settings that change. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import type { Chat } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import { startFakeProvider } from '../harness/fake-providers.ts'
import type { FakeProvider } from '../harness/fake-providers.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'
import type { Workbench } from '../harness/workbench.ts'

const LENGTH = 500

describe('Everyday use', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'panelist-everyday-'))
  let open: OpenChat<'anthropic'>
  let workbench: Workbench
  let chat: Chat
  let provider: FakeProvider
  pictureFailures(() => workbench)

  before(async () => {
    const { store } = openStore({ path: path.join(folder, 'data/User/globalStorage/panelist.panelist/panelist.db') })
    seed(store, 'A long conversation', LENGTH)
    store.close()
    open = await openChat({
      folder,
      providers: { anthropic: 'anthropic' },
      choice: { provider: 'anthropic', model: 'claude-haiku-4-5' },
    })
    ;({ workbench, chat } = open)
    provider = open.fakes.anthropic
  })

  after(async () => {
    await open?.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  describe(`in a conversation of ${LENGTH} messages`, () => {
    const articles = () => chat.frame.locator('article')
    const transcript = () => chat.frame.getByTestId('transcript')

    it('opens at its end and takes text at once', async () => {
      await chat.frame.getByTestId('empty').getByRole('button', { name: 'A long conversation' }).click()
      await chat.answer.getByText(`Answer ${LENGTH - 1}.`).waitFor()
      const rest = () => transcript().evaluate((one) => one.scrollHeight - one.scrollTop - one.clientHeight)
      // Messages are measured once they are drawn.
      for (const deadline = Date.now() + 10_000; (await rest()) >= 5; await workbench.page.waitForTimeout(25))
        assert.ok(Date.now() < deadline, `${await rest()} px above the end`)
      await chat.composer.fill('It takes text')
      assert.equal(await chat.composer.inputValue(), 'It takes text')
      await chat.composer.fill('')
    })

    it('scrolls up to its first message, keeps its place on the way, and holds few messages in the page', async () => {
      await transcript().hover()
      const seen = new Set<string>()
      let most = 0
      for (const deadline = Date.now() + 60_000; !seen.has('Question 0.');) {
        assert.ok(Date.now() < deadline, `got no further than ${[...seen].at(-1)}`)
        const before = await firstShown()
        const scrolled = untilScrolled()
        await workbench.page.mouse.wheel(0, -1500)
        await scrolled
        await chat.window.page.waitForTimeout(30) // the pace of a person, not a wait
        const after = await firstShown()
        assert.ok(after <= before, `jumped from message ${before} down to ${after}`)
        assert.ok(before - after < 30, `jumped from message ${before} up to ${after}`)
        for (const text of await articles().locator('.text, .markdown').allTextContents())
          seen.add(text.split('\n')[0]!.trim())
        most = Math.max(most, await articles().count())
      }
      assert.ok(most < 60, `${most} messages in the page`)
      await chat.frame.getByTestId('jump').click()
      await chat.answer.getByText(`Answer ${LENGTH - 1}.`).waitFor()
      await chat.frame.getByTestId('jump').waitFor({ state: 'detached' })
    })

    it('goes on, with all of it sent to the provider', async () => {
      const turn = await chat.ask(provider, 'And now?')
      assert.equal(turn.history.length, LENGTH + 1)
      await turn.answer('Now this.')
      await chat.says('Now this.')
      await chat.settled()
    })

    /** Else two turns of the wheel would count as one. At the top there may be nothing to scroll until more has come. */
    async function untilScrolled(): Promise<void> {
      await transcript().evaluate((one) => {
        const ended = new Promise((resolve) => one.addEventListener('scrollend', resolve, { once: true }))
        return Promise.race([ended.then(() => undefined), new Promise((resolve) => setTimeout(resolve, 1_000))])
      })
    }

    /** The number of the first message that can be seen. */
    async function firstShown(): Promise<number> {
      return transcript().evaluate((one) => {
        const { top } = one.getBoundingClientRect()
        const shown = [...one.querySelectorAll('article')].find((each) => each.getBoundingClientRect().bottom > top + 1)
        return Number(/(?:Question|Answer) (\d+)\./.exec(shown?.textContent ?? '')?.[1] ?? Number.NaN)
      })
    }
  })

  describe('when settings change', () => {
    it('takes another model at once', async () => {
      await workbench.runCommand('Panelist: New Chat')
      await chat.frame.getByTestId('empty').waitFor()
      await chat.keepsFocus('composer')
      await workbench.helper.changeSettings({ 'panelist.model': 'claude-sonnet-4-5' })
      await chat.frame.locator('[data-testid=model-button][title$=claude-sonnet-4-5]').waitFor()
      const turn = await chat.ask(provider, 'Which?')
      assert.equal(turn.model, 'claude-sonnet-4-5')
      await turn.answer('Sonnet.')
      await chat.settled()
    })

    it('asks another endpoint at once', async () => {
      await using second = await startFakeProvider('anthropic')
      await workbench.helper.changeSettings({ 'panelist.providers': { anthropic: second.setting } })
      await (await chat.ask(second, 'Where?')).answer('Elsewhere.')
      await chat.says('Elsewhere.')
      await chat.settled()
      await workbench.helper.changeSettings({
        'panelist.model': 'claude-haiku-4-5',
        'panelist.providers': { anthropic: provider.setting },
      })
    })
  })

  describe('by keyboard alone', () => {
    const press = (key: string) => workbench.page.keyboard.press(key)
    const type = (text: string) => workbench.page.keyboard.type(text)

    it('starts a chat, chooses a model, writes lines, sends, stops and edits', async () => {
      await workbench.runCommand('Panelist: New Chat')
      await chat.frame.getByTestId('empty').waitFor()
      await chat.keepsFocus('composer')
      await workbench.runCommand('Panelist: Select Model')
      await chat.keepsFocus('model-search')
      await chat.frame.locator('[role=option].active[data-model=claude-haiku-4-5]').waitFor()
      await press('ArrowUp')
      await press('Enter')
      await chat.frame.locator('[data-testid=model-button][title$=claude-opus-4-5]').waitFor()
      await chat.keepsFocus('composer')

      await type('first line')
      await press('Shift+Enter')
      await type('second line')
      await press('Enter')
      const turn = await provider.next()
      assert.equal(turn.model, 'claude-opus-4-5')
      assert.deepEqual(turn.history, [{ role: 'user', text: 'first line\nsecond line' }])
      await turn.say('Not quite ')
      await chat.says('Not quite')
      await chat.stop.waitFor()
      await press('Escape')
      assert.equal((await turn.closed).aborted, true)
      await chat.answer.getByTestId('interrupted').waitFor()

      await press('ArrowUp')
      await chat.frame.getByTestId('editing').waitFor()
      assert.equal(await chat.composer.inputValue(), 'first line\nsecond line')
      await type(' and a third')
      await press('Enter')
      const edited = await provider.next()
      assert.deepEqual(edited.history, [{ role: 'user', text: 'first line\nsecond line and a third' }])
      await edited.answer('Better.')
      await chat.says('Better.')
      await chat.settled()
      assert.equal(await chat.questions.count(), 1)
    })

    it('loses no key that is pressed while a new chat begins', async () => {
      const keys = 'every key of this line'
      for (const before of ['an empty chat', 'a chat']) {
        if (before === 'a chat') await chat.turn(provider, 'Hello', 'Hello.')
        else await chat.newChat()
        await chat.composer.fill('')
        await chat.composer.focus()
        await heard()
        const command = workbench.helper.execute('panelist.newChat')
        for (const key of keys) await workbench.page.keyboard.type(key)
        await command
        await chat.frame.getByTestId('empty').waitFor()
        let held = await chat.composer.inputValue()
        await chat.composer.fill('')
        if (before === 'a chat') {
          // What is typed before the command arrives stays where it was typed: in a chat that holds messages.
          await openFromHistory('Hello')
          held = (await chat.composer.inputValue()) + held
        }
        assert.equal(held, keys, `in ${before}`)
        await chat.composer.fill('')
      }
    })

    async function openFromHistory(title: string): Promise<void> {
      await chat.openHistory()
      await chat.frame.getByTestId('history').getByRole('button', { name: title }).first().click()
      await chat.frame.getByTestId('title').getByText(title).waitFor()
    }

    /**
     * Waits until the host has heard all that the page told it, where the keyboard is among it: the helper's commands come
     * by a way of their own, and would overtake it as no person can.
     */
    async function heard(): Promise<void> {
      await chat.openPicker()
      await workbench.page.keyboard.press('Escape')
      await chat.frame.locator('[data-testid=composer]:focus').waitFor()
    }

    it('comes back to the message with the key for it, also from the explorer', async () => {
      await workbench.helper.execute('workbench.view.explorer')
      await chat.frame.locator('[data-testid=composer]:not(:focus)').waitFor()
      await press('Control+Quote')
      await chat.frame.locator('[data-testid=composer]:focus').waitFor()
    })
  })

  describe('by commands', () => {
    const row = (text: string) => workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: text })
    const box = () => workbench.page.locator('.quick-input-widget input[type=password]')

    it('stops an answer', async () => {
      await chat.newChat()
      const turn = await chat.ask(provider, 'Stop me')
      await turn.say('One ')
      await chat.says('One')
      await workbench.helper.execute('panelist.stop')
      assert.equal((await turn.closed).aborted, true)
      await chat.answer.getByTestId('interrupted').waitFor()
    })

    it('sets a key in a native box, shows its status, and removes it', async () => {
      await workbench.runCommand('Panelist: Set API Key')
      await row('Anthropic').click()
      await box().fill('short')
      await workbench.page.getByText('This is too short for a key.').waitFor()
      await box().fill('sk-ant-everyday-1234')
      await box().press('Enter')
      await box().waitFor({ state: 'hidden' })
      await chat.hasKey()
      const turn = await chat.ask(provider, 'Who am I?')
      assert.equal(turn.request.headers['x-api-key'], 'sk-ant-everyday-1234')
      await turn.answer('You.')
      await chat.settled()

      await workbench.runCommand('Panelist: Show Key Status')
      await row('Anthropic').getByText('key set').waitFor()
      await row('OpenAI').getByText('no key').waitFor()
      await workbench.page.keyboard.press('Escape')

      await workbench.runCommand('Panelist: Remove API Key')
      await row('Anthropic').click()
      await workbench.page.getByText('The Anthropic key was removed.').first().waitFor()
      await workbench.helper.execute('notifications.clearAll')
      const without = await chat.ask(provider, 'And now?')
      assert.equal(without.request.headers['x-api-key'], undefined)
      await without.answer('Nobody.')
      await chat.settled()
    })

    // Without its native module this server's log channels stay empty, so only that the right one opens is seen here.
    it('shows the log', async () => {
      await workbench.runCommand('Panelist: Show Logs')
      const channel = workbench.page.locator('.part.panel option:checked', { hasText: /^Panelist$/ })
      await channel.first().waitFor({ state: 'attached' })
      await workbench.helper.execute('workbench.action.closePanel')
    })

    it('opens the chat in an editor', async () => {
      await workbench.runCommand('Panelist: Open in Editor')
      await workbench.page.locator('.editor-group-container .tab', { hasText: 'Stop me' }).waitFor()
      await workbench.helper.execute('workbench.action.closeAllEditors')
      await chat.again()
    })
  })

  describe('in the end', () => {
    it('has caused no console error, no exception and no CSP violation', () => {
      assert.deepEqual(workbench.problems, [])
    })
  })
})

/** A conversation of questions and answers that name their own number. */
function seed(store: Store, title: string, length: number): void {
  const { id } = store.conversations.create({ title })
  const origin = { provider: 'anthropic', dialect: 'anthropic', model: 'claude-haiku-4-5' }
  let parent: string | null = null
  for (let at = 0; at < length; at++) {
    const name = `message-${at}`
    const asks = at % 2 === 0
    const text = asks ? `Question ${at}.` : `Answer ${at}.\n\n${'It goes on for a while. '.repeat(1 + ((at * 7) % 23))}`
    store.messages.append({
      id: name,
      conversation: id,
      parent,
      createdAt: Date.now() - (length - at) * 1000,
      state: 'done',
      message: asks
        ? { role: 'user', content: [{ type: 'text', text }] }
        : {
            role: 'assistant',
            content: [{ type: 'text', text }],
            origin,
            stop: { kind: 'done', raw: 'end_turn' },
            usage: { input: 10, output: 10, cacheRead: 0, cacheWrite: 0 },
          },
    })
    parent = name
  }
  store.conversations.setLeaf(id, parent ?? undefined)
}
