/** What is typed after `@` and `/`: found in a real workspace, attached, seen by the provider, and asked of a real server. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { JsonObject } from '../../src/shared/json.ts'
import type { Chat } from '../harness/chat.ts'
import { root } from '../harness/environment.ts'
import { pictureFailures } from '../harness/failure.ts'
import type { FakeTurn } from '../harness/fake-providers.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'
import type { Workbench } from '../harness/workbench.ts'

const program = path.join(root, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js')

describe('Suggestions', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'panelist-suggestions-'))
  const workspace = path.join(folder, 'project')
  let open: OpenChat<'anthropic'>
  let workbench: Workbench
  let chat: Chat
  pictureFailures(() => workbench)

  before(async () => {
    mkdirSync(path.join(workspace, 'src/buffers'), { recursive: true })
    writeFileSync(path.join(workspace, 'src/buffers/ring.ts'), 'export class Ring {}\n')
    writeFileSync(path.join(workspace, 'notes.md'), 'Buy milk.\nBuy bread.\n')
    writeFileSync(path.join(workspace, '.env'), 'TOKEN=not for models\n')
    open = await openChat({
      folder,
      workspace,
      providers: { anthropic: 'anthropic' },
      choice: { provider: 'anthropic', model: 'claude-haiku-4-5' },
      settings: {
        'panelist.tools.enabled': true,
        'panelist.mcp.servers': { everything: { command: process.execPath, args: [program, 'stdio'] } },
      },
    })
    ;({ workbench, chat } = open)
  })

  after(async () => {
    await open?.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  const list = () => chat.frame.getByTestId('suggestions')
  const row = (label: string) =>
    chat.frame.getByTestId('suggestion').filter({ has: chat.frame.getByText(label, { exact: true }) })
  /** Enter takes this one. Files are looked for longer than the list waits for: until they are found others may stand here. */
  const first = () => chat.frame.getByTestId('suggestion').first()
  const chips = () => chat.frame.getByTestId('attachment')
  const dialog = () => workbench.page.locator('.monaco-dialog-box')
  const type = async (text: string): Promise<void> => {
    await chat.composer.click()
    await chat.composer.pressSequentially(text)
    await list().waitFor({ timeout: 20_000 })
  }
  const contentOf = (turn: FakeTurn): JsonObject[] => {
    const { messages } = turn.request.json() as { messages: { content: JsonObject[] }[] }
    return messages.at(-1)!.content
  }

  it('attach a file of the workspace by the keyboard, which the provider gets under its path', async () => {
    await type('What is in @ring')
    await first().getByText('src/buffers').waitFor()
    await chat.composer.press('Enter')
    // How many depends on whether the provider has counted words by then, from which the model's measure is learned.
    await chips()
      .getByText(/\d tokens/)
      .waitFor()
    assert.equal(await chat.composer.inputValue(), 'What is in ring.ts ')
    await chat.composer.press('Enter')
    const turn = await open.fakes.anthropic.next()
    const [file, words] = contentOf(turn)
    assert.deepEqual(
      [file?.title, (file?.source as JsonObject | undefined)?.data],
      ['src/buffers/ring.ts', 'export class Ring {}\n'],
    )
    assert.match(String(words?.text), /^What is in ring\.ts/)
    await turn.answer('A class.')
    await chat.settled()
  })

  it('mark a file that changed since, and send it as it is once it was read anew', async () => {
    await chat.newChat()
    await type('@notes.md:1')
    await first().getByText('notes.md').first().waitFor()
    await chat.composer.press('Enter')
    await chips()
      .getByText(/line 1 of 3/)
      .waitFor()
    writeFileSync(path.join(workspace, 'notes.md'), 'Buy cheese.\nBuy bread.\n')
    await chat.frame.getByTestId('stale').waitFor({ timeout: 20_000 })
    await chips()
      .getByRole('button', { name: /^Refresh/ })
      .click()
    await chat.frame.getByTestId('stale').waitFor({ state: 'detached' })
    const turn = await chat.ask(open.fakes.anthropic, 'What do I buy?')
    assert.equal((contentOf(turn)[0]?.source as JsonObject | undefined)?.data, 'Buy cheese.')
    await turn.answer('Cheese.')
    await chat.settled()
  })

  it('ask before a file that holds secrets by its name, and attach nothing where the answer is no', async () => {
    await chat.newChat()
    await type('@.env')
    await first().getByText('.env').first().waitFor()
    await chat.composer.press('Enter')
    await dialog().waitFor()
    assert.match(await dialog().innerText(), /Attach \.env\? Its name says that it holds secrets\./)
    await dialog().getByRole('button', { name: 'Cancel' }).click()
    await dialog().waitFor({ state: 'detached' })
    await chat.frame.getByTestId('pending').waitFor({ state: 'detached' })
    assert.equal(await chips().count(), 0)
  })

  it('offer the prompts of an MCP server, ask for arguments with its proposals, and send what it makes of them', async () => {
    await chat.newChat()
    await chat.composer.click()
    await chat.composer.pressSequentially('/completable')
    await row('/completable-prompt').waitFor({ timeout: 20_000 })
    await chat.composer.press('Enter')
    const form = chat.frame.getByTestId('argument-form')
    await form.getByRole('option', { name: 'Engineering' }).waitFor()
    const department = form.getByRole('combobox').first()
    await department.pressSequentially('Sal')
    await form.getByRole('option', { name: 'Sales' }).waitFor()
    await department.press('ArrowDown')
    await department.press('Enter')
    await department.press('Tab')
    await form.getByRole('option', { name: 'Eve' }).click()
    await form.getByRole('button', { name: 'Use' }).click()
    await form.waitFor({ state: 'detached' })
    const words = 'Please promote Eve to the head of the Sales team.'
    assert.equal(await chat.composer.inputValue(), words)
    await chat.composer.press('Enter')
    const turn = await open.fakes.anthropic.next()
    assert.equal(contentOf(turn).at(-1)?.text, words)
    await turn.answer('Done.')
    await chat.settled()
  })

  it('offer the file in front, and send what is selected in it once that is switched on', async () => {
    await chat.newChat()
    await workbench.page.getByRole('treeitem', { name: 'notes.md' }).dblclick()
    const chip = chat.frame.getByTestId('current-file')
    await chip.getByText('notes.md').waitFor({ timeout: 20_000 })
    await chip.getByRole('button').click()
    const turn = await chat.ask(open.fakes.anthropic, 'And this?')
    const [file] = contentOf(turn)
    assert.match(String(file?.title), /^notes\.md \(lines 1-\d of \d\)$/)
    await turn.answer('More.')
    await chat.settled()
  })

  it('come from the menus of the editor: what is selected, and a folder of the explorer', async () => {
    await chat.newChat()
    const { page } = workbench
    await page.getByRole('treeitem', { name: 'notes.md' }).dblclick()
    await page.locator('.tab.active', { hasText: 'notes.md' }).waitFor()
    await page.locator('.monaco-editor .view-line').first().click()
    await page.keyboard.press('Control+A')
    // The helper's command would overtake what was selected, as no person can.
    await chat.frame.getByTestId('current-file').getByText('lines 1-2, selected').waitFor({ timeout: 20_000 })
    await workbench.helper.execute('panelist.addSelection')
    await chips()
      .getByText(/lines 1-2/)
      .waitFor({ timeout: 20_000 })
    await page.getByRole('treeitem', { name: 'src' }).first().click({ button: 'right' })
    // A menu takes no click right after it opened, and Enter for the item that it has marked.
    const item = page.locator('.monaco-menu .action-item', { hasText: 'Add File to Panelist' })
    await item.hover()
    await page.locator('.monaco-menu .action-item:has(:focus)', { hasText: 'Add File to Panelist' }).waitFor()
    await page.keyboard.press('Enter')
    await item.waitFor({ state: 'detached' })
    await chips()
      .getByText(/1 of 1 files/)
      .waitFor({ timeout: 20_000 })
    const turn = await chat.ask(open.fakes.anthropic, 'What are these?')
    const [selection, folderText] = contentOf(turn)
    assert.equal(selection?.title, 'notes.md (lines 1-2, selected)')
    assert.match(
      String((folderText?.source as JsonObject | undefined)?.data),
      /--- src\/buffers\/ring\.ts\nexport class Ring/,
    )
    await turn.answer('Notes and a ring.')
    await chat.settled()
  })
})
