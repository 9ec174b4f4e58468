import assert from 'node:assert/strict'
import * as vscode from 'vscode'
import { TestPage, api, until, withSettings } from './window.ts'

const fake = (command: string, argument?: unknown) =>
  vscode.commands.executeCommand(`panelist-tests.${command}`, argument)

describe('a chat with one of VS Code’s own models', () => {
  const using = { provider: 'vscode', model: 'fake-vendor/one' }
  afterEach(() => fake('models', []))

  it('needs no key, and stores the answer with tokens that are marked as estimated and no cost', async () => {
    const window = await api()
    await fake('models', [{ id: 'one', name: 'The One' }])
    await fake('answer', [{ text: 'From ' }, { text: 'the editor.' }])
    await withSettings(using, async () => {
      const page = new TestPage(window)
      await page.ask('ready', {})
      await page.say('Hi')
      await page.settled()
      const answer = (await page.ask('ready', {})).page.messages.at(-1)
      assert.ok(answer?.message.role === 'assistant', 'there is an answer')
      assert.deepEqual(answer.message.content, [{ type: 'text', text: 'From the editor.' }])
      assert.equal(answer.message.usage.estimated, true)
      assert.equal(answer.cost, undefined)
      page.session.dispose()
    })
  })

  it('stops at Stop, and the model is told', async () => {
    const window = await api()
    await fake('models', [{ id: 'one' }])
    await fake('answer', [{ text: 'Only this' }, { hang: true }])
    await withSettings(using, async () => {
      const page = new TestPage(window)
      await page.ask('ready', {})
      await page.say('Hi')
      await until(() => JSON.stringify(page.told).includes('Only this'))
      await page.ask('stop', {})
      await page.settled()
      await until(async () => {
        const [asked] = (await fake('requests')) as { cancelled: boolean }[]
        return asked?.cancelled === true
      })
      const answer = (await page.ask('ready', {})).page.messages.at(-1)
      assert.deepEqual(answer?.message.content, [{ type: 'text', text: 'Only this' }])
      page.session.dispose()
    })
  })

  it('can be chosen in the picker while VS Code has it', async () => {
    const window = await api()
    // What is there is looked for only while a panel is shown.
    await vscode.commands.executeCommand('panelist.openInEditor')
    const page = new TestPage(window)
    await page.ask('ready', {})
    const usable = async (): Promise<string[]> => {
      const { groups } = await page.ask('models', { refresh: false })
      const group = groups.find(({ provider }) => provider === 'vscode')
      return group?.key === 'not-needed' ? group.models.map(({ id }) => id) : []
    }
    await fake('models', [{ id: 'one', name: 'The One' }, { id: 'two' }])
    await until(async () => (await usable()).includes('fake-vendor/one'))
    await fake('models', [{ id: 'two' }])
    await until(async () => {
      const ids = await usable()
      return !ids.includes('fake-vendor/one') && ids.includes('fake-vendor/two')
    })
    await fake('models', [])
    await until(async () => !(await usable()).includes('fake-vendor/two'))
    page.session.dispose()
    await vscode.commands.executeCommand('workbench.action.closeAllEditors')
  })
})
