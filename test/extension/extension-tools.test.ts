import assert from 'node:assert/strict'
import * as vscode from 'vscode'
import { extensionTools } from '../../src/host/extension-tools.ts'
import type { Tool } from '../../src/tools/tool.ts'
import { TestPage, api, until, withSettings } from './window.ts'

const fake = (command: string, argument?: unknown) =>
  vscode.commands.executeCommand(`panelist-tests.${command}`, argument)

const name = 'ext_panelist-tests_weather'
const using = { provider: 'vscode', model: 'fake-vendor/one', 'tools.enabled': true }
type Request = { tools: { name: string; description: string }[]; messages: { parts: unknown[] }[] }
const requests = () => fake('requests') as Thenable<Request[]>
const toldOf = async (): Promise<string[]> => (await requests()).at(-1)?.tools.map((tool) => tool.name) ?? []

describe('tools of other extensions', () => {
  let page: TestPage
  beforeEach(async () => {
    page = new TestPage(await api())
    await page.ask('ready', {})
    await fake('models', [{ id: 'one' }])
    await fake('answer', [{ text: 'Fine.' }])
  })
  afterEach(async () => {
    page.session.dispose()
    await fake('models', [])
  })

  it('are not told to a model until the person wants that', async () => {
    await withSettings(using, async () => {
      await page.say('Hi')
      await page.settled()
      const told = await toldOf()
      assert.ok(told.includes('read_file'), 'there are tools')
      assert.deepEqual(
        told.filter((each) => each.startsWith('ext_')),
        [],
      )
    })
  })

  it('are asked for, run, and give their result to the model', async () => {
    await withSettings({ ...using, 'tools.fromExtensions': true }, async () => {
      await fake('answer', [{ call: { id: '1', name, input: { city: 'Rome' } } }])
      await page.say('How is it in Rome?')
      await until(() => JSON.stringify(page.told).includes('"asking"'))
      const asked = JSON.stringify(page.told)
      assert.match(asked, /"source":\{"kind":"extension","label":"panelist-tests.helper"\},"effect":"send"/)
      assert.match(asked, /panelist-tests.helper: Weather \(city: Rome\)/)
      assert.ok((await toldOf()).includes(name))
      await fake('answer', [{ text: 'Sunny.' }])
      await page.ask('decide', { callId: '1', decision: { kind: 'once' } })
      await page.settled()
      await until(() => JSON.stringify(page.told).includes('Sunny.'))
      const sent = JSON.stringify((await requests()).at(-1)?.messages)
      assert.match(sent, /Sunny in Rome/)
      assert.match(sent, /iVBORw0KGgo=/)
    })
  })

  it('are told when the person stops', async () => {
    await withSettings({ ...using, 'tools.fromExtensions': true }, async () => {
      await fake('answer', [{ call: { id: '2', name, input: { city: 'nowhere' } } }])
      await page.say('How is it?')
      await until(() => JSON.stringify(page.told).includes('"asking"'))
      await page.ask('decide', { callId: '2', decision: { kind: 'once' } })
      type Call = { input: { city: string }; cancelled: boolean }
      const waits = async (): Promise<Call | undefined> =>
        ((await fake('toolCalls')) as Call[]).find(({ input }) => input.city === 'nowhere')
      await until(async () => (await waits()) !== undefined)
      await page.ask('stop', {})
      await until(async () => (await waits())?.cancelled === true)
    })
  })

  it('are those that a manifest names, with names and schemas that every provider takes, and a definition of all they say', async () => {
    const has = (wanted: string): boolean => vscode.lm.tools.some((tool) => tool.name === wanted)
    // The editor has tools of its own chat.
    await until(() => has('panelist-tests_weather') && has('run_in_terminal'))
    const editor = (description: string) => ({
      ...vscode,
      lm: {
        invokeTool: vscode.lm.invokeTool,
        tools: [{ name: 'Odd name!', description, inputSchema: undefined, tags: [] }],
      },
      extensions: {
        all: [{ id: 'a.b', packageJSON: { contributes: { languageModelTools: [{ name: 'Odd name!' }] } } }],
      },
    })
    const dropped: string[] = []
    const all = extensionTools(vscode, (why) => dropped.push(why))
    const weather = all.find((tool) => tool.name === name)
    assert.deepEqual(weather?.inputSchema.required, ['city'])
    assert.equal(
      all.some((tool) => tool.name === 'ext_run_in_terminal'),
      false,
    )
    assert.deepEqual(
      all.map((tool) => tool.name).filter((each) => !/^[a-zA-Z0-9_-]{1,64}$/.test(each)),
      [],
    )
    const [one, other] = ['a', 'b'].map((words): Tool | undefined => extensionTools(editor(words), () => undefined)[0])
    assert.match(one?.name ?? '', /^ext_Odd_name__[0-9a-f]{12}$/)
    assert.deepEqual(one?.inputSchema, { type: 'object' })
    assert.notEqual(one.definition, other?.definition)
  })
})
