/** MCP servers as a person meets them: added on the page, used by a model, and those of a workspace that ask first. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Locator } from 'playwright-core'
import type { Chat } from '../harness/chat.ts'
import { root } from '../harness/environment.ts'
import { pictureFailures } from '../harness/failure.ts'
import { anthropic as format } from '../harness/formats/anthropic.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'
import { processesWith } from '../harness/processes.ts'
import type { Workbench } from '../harness/workbench.ts'

const program = path.join(root, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js')
const memory = path.join(root, 'node_modules/@modelcontextprotocol/server-memory/dist/index.js')

/** In the command lines of our servers alone. */
const mark = `mark-${randomBytes(8).toString('hex')}`

describe('MCP servers', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'panelist-mcp-'))
  let open: OpenChat<'anthropic'>
  let workbench: Workbench
  let chat: Chat
  pictureFailures(() => workbench)

  before(async () => {
    open = await openChat({
      folder,
      providers: { anthropic: 'anthropic' },
      choice: { provider: 'anthropic', model: 'claude-haiku-4-5' },
      settings: { 'panelist.tools.enabled': true },
    })
    ;({ workbench, chat } = open)
  })

  after(async () => {
    await open?.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  const card = (name: string) => chat.frame.locator(`[data-server="${name}"]`)
  const standing = (name: string, words: string | RegExp) =>
    card(name).getByTestId('standing').getByText(words).waitFor({ timeout: 20_000 })
  const input = (): Locator => workbench.page.locator('.quick-input-widget input.input')
  const dialog = (): Locator => workbench.page.locator('.monaco-dialog-box')
  const file = path.join(folder, 'workspace', '.vscode', 'mcp.json')
  const writeServers = (args: string[]): void => {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify({ servers: { graph: { command: process.execPath, args } } }))
  }

  async function type(text: string, title: string): Promise<void> {
    await workbench.page.locator('.quick-input-widget', { hasText: title }).waitFor()
    await input().fill(text)
    await input().press('Enter')
  }

  async function choose(label: string): Promise<void> {
    await input().waitFor()
    await input().fill(label)
    await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: label }).first().click()
  }

  /** Presses a button of the dialog that asks, once a person could have read it. */
  async function answer(button: string): Promise<string> {
    await dialog().waitFor({ timeout: 20_000 })
    await workbench.page.waitForTimeout(1_000)
    const said = await dialog().innerText()
    await dialog().getByRole('button', { name: button, exact: true }).click()
    await dialog().waitFor({ state: 'detached' })
    return said
  }

  it('are added on their page by a command line, in native boxes, and start', async () => {
    await workbench.runCommand('Panelist: MCP Servers')
    await chat.frame.getByText('No servers yet.').waitFor()
    await chat.frame.getByTestId('add-mcp-server').click()
    await input().waitFor()
    await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Command line' }).click()
    await type(`"${process.execPath}" "${program}" stdio ${mark}`, 'Command Line')
    await type('everything', 'Name')
    await standing('everything', /^Ready, \d+ tools$/)
    const settings = JSON.parse(readFileSync(path.join(folder, 'data/User/settings.json'), 'utf8')) as object
    assert.deepEqual((settings as Record<string, unknown>)['panelist.mcp.servers'], {
      everything: { command: process.execPath, args: [program, 'stdio', mark] },
    })
    await card('everything').locator('[data-tool=echo]').waitFor()
  })

  it('are tested on their page, and single tools switched off', async () => {
    await card('everything').locator('[data-action=test]').click()
    await card('everything')
      .getByTestId('test-result')
      .getByText(/^Works: \d+ tools, started in/)
      .waitFor()
    await card('everything').locator('[data-tool=get-sum]').uncheck()
    await card('everything').locator('[data-tool=get-sum]:not(:checked)').waitFor()
    await chat.frame.getByTestId('mcp-close').click()
  })

  it('are used by a model, once the person has allowed the call', async () => {
    const turn = await chat.ask(open.fakes.anthropic, 'Say hello through the server')
    const { tools } = turn.request.json() as { tools: { name: string }[] }
    assert.ok(tools.some(({ name }) => name === 'mcp_everything_echo'))
    assert.ok(!tools.some(({ name }) => name === 'mcp_everything_get-sum'), 'what is off is not told of')
    const call = { id: 'toolu_1', name: 'mcp_everything_echo', input: { message: 'hello there' } }
    await turn.raw(format.answer({ calls: [call] }))
    await chat.frame.getByTestId('approval').getByText('hello there').first().waitFor()
    await chat.frame.getByTestId('allow-once').click()
    const next = await open.fakes.anthropic.next()
    assert.ok(JSON.stringify(next.request.json()).includes('Echo: hello there'))
    await next.answer('It said hello.')
    await chat.says('It said hello.')
  })

  it('ask in a form of the panel, in the card of the call, and get what the person fills in', async () => {
    const turn = await chat.ask(open.fakes.anthropic, 'Have the server ask me')
    assert.ok(JSON.stringify(turn.request.json()).includes('<mcp-server name'), 'what the server says of itself')
    const call = { id: 'toolu_2', name: 'mcp_everything_trigger-elicitation-request', input: {} }
    await turn.raw(format.answer({ calls: [call] }))
    await chat.frame.getByTestId('allow-once').click()
    const form = chat.frame.locator('[data-call=toolu_2]').getByTestId('server-question')
    await form.getByText('everything asks you').waitFor({ timeout: 20_000 })
    const field = (name: string): Locator => form.locator(`[data-field=${name}]`)
    await field('integer').locator('input').fill('1000')
    await form.getByTestId('question-accept').click()
    await field('name').getByText('The server wants an answer.').waitFor()
    await field('integer').getByText('At most 100.').waitFor()
    await field('integer').locator('input').fill('7')
    await field('name').locator('input').fill('Ada Lovelace')
    await field('check').locator('input').check()
    await field('untitledMultipleSelectEnum').getByText('Piano').click()
    await form.getByTestId('question-accept').click()
    const next = await open.fakes.anthropic.next()
    const result = JSON.stringify(next.request.json())
    for (const words of ['Name: Ada Lovelace', 'Agreed to terms: true', 'Integer: 7', 'Piano'])
      assert.ok(result.includes(words), `${words} in ${result}`)
    await next.answer('It knows you.')
    await chat.says('It knows you.')
    assert.equal(await form.count(), 0)
    assert.equal(await dialog().count(), 0, 'nothing stood in the way')
  })

  it('ask a model when the person allows it, and get its answer when the person sends it', async () => {
    const turn = await chat.ask(open.fakes.anthropic, 'Have the server ask a model')
    const input = { prompt: 'What is a ring?', maxTokens: 20 }
    await turn.raw(
      format.answer({ calls: [{ id: 'toolu_3', name: 'mcp_everything_trigger-sampling-request', input }] }),
    )
    await chat.frame.getByTestId('allow-once').click()
    const question = chat.frame.locator('[data-call=toolu_3]').getByTestId('server-question')
    await question.getByTestId('sample-message').getByText('What is a ring?').waitFor({ timeout: 20_000 })
    await question.getByTestId('question-accept').click()
    const sampled = await open.fakes.anthropic.next()
    assert.equal((sampled.request.json() as { max_tokens: number }).max_tokens, 20)
    await sampled.answer('A queue that bites its tail.')
    await question.getByTestId('sampled').getByText('A queue that bites its tail.').waitFor()
    await question.getByTestId('question-accept').getByText('Send').click()
    const next = await open.fakes.anthropic.next()
    assert.ok(JSON.stringify(next.request.json()).includes('A queue that bites its tail.'))
    await next.answer('Done.')
    await chat.says('Done.')
  })

  it('give their resources and prompts to a message', async () => {
    await workbench.runCommand('Panelist: Add MCP Resource to Chat')
    await choose('architecture.md')
    const composed = async (words: RegExp): Promise<void> => {
      const deadline = Date.now() + 10_000
      while (!words.test(await chat.composer.inputValue()) && Date.now() < deadline)
        await workbench.page.waitForTimeout(50)
      assert.match(await chat.composer.inputValue(), words)
    }
    const chip = chat.frame.getByTestId('attachment').filter({ hasText: 'architecture.md' })
    await chip.getByText('everything').waitFor()
    await chip.getByRole('button', { name: 'Remove architecture.md' }).click()
    await chip.waitFor({ state: 'detached' })
    await workbench.runCommand('Panelist: Use MCP Prompt')
    await choose('Arguments Prompt')
    await type('Rome', 'city')
    await type('', 'state')
    await composed(/weather in Rome/)
    await chat.composer.fill('')
  })

  it('of a file of the workspace are asked about by their whole definition, and do not run before', async () => {
    writeServers([memory, mark])
    await dialog().waitFor({ timeout: 20_000 })
    assert.equal(processesWith(`${memory} ${mark}`).length, 0)
    const said = await answer('Allow')
    for (const words of ['graph', '.vscode/mcp.json', process.execPath, memory])
      assert.ok(said.includes(words), `${words} in ${said}`)
    await workbench.runCommand('Panelist: MCP Servers')
    await standing('graph', /^Ready, \d+ tools$/)
    assert.ok(processesWith(`${memory} ${mark}`).length > 0)
  })

  it('of a file that changes are stopped and asked about again', async () => {
    writeServers([memory, mark, '--and-more'])
    const said = await answer('Not Now')
    assert.ok(said.includes('--and-more'), said)
    await standing('graph', 'Waits for your approval')
    assert.equal(processesWith(`${memory} ${mark}`).length, 0)
    writeServers([memory, mark])
    await standing('graph', /^Ready, \d+ tools$/)
    assert.equal(await dialog().count(), 0, 'what was allowed before is allowed still')
  })

  it('that were allowed start in the next window without a question', async () => {
    await workbench.reload()
    await chat.again()
    await workbench.runCommand('Panelist: MCP Servers')
    await standing('graph', /^Ready, \d+ tools$/)
    await standing('everything', /^Ready, \d+ tools$/)
    assert.equal(await dialog().count(), 0)
  })

  it('cause no console error, no exception and no CSP violation', () => assert.deepEqual(workbench.problems, []))

  it('end with the window', async () => {
    await open.close()
    const deadline = Date.now() + 10_000
    while (processesWith(mark).length > 0 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 100))
    assert.deepEqual(processesWith(mark), [])
  })
})
