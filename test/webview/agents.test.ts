import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { drawn, Rig } from './harness/browser.ts'
import type { Look } from './harness/browser.ts'
import type { SceneName } from './harness/scenes.ts'

let rig: Rig
let page: Page

const open = async (scene: SceneName = 'agents', look: Look = {}): Promise<void> => {
  page = await rig.open(scene, look)
  await page.getByTestId('agent-button').waitFor()
}
const requests = (name: string) => page.evaluate((one) => window.host.requests(one as 'send'), name)
const names = () => page.locator('[data-agent] .name').allInnerTexts()
const picked = () => page.locator('.agent-picker .active .name').innerText()

before(async function () {
  this.timeout(60_000)
  rig = await Rig.start()
})
after(() => rig.stop())

describe('the picker of agents', function () {
  this.timeout(30_000)
  afterEach(() => rig.close(page))

  it('lists what there is with what each decides, the key among it, and what is wrong', async () => {
    await open()
    await page.getByTestId('agent-button').click()
    await page.locator('[data-agent="workspace:reviewer"]').waitFor()
    assert.deepEqual(await names(), ['No agent', 'Strict Reviewer', 'planner', 'broken', 'writer'])
    const reviewer = page.locator('[data-agent="workspace:reviewer"]')
    assert.match(
      await reviewer.innerText(),
      /Claude Opus 4\.5 \+1 · tools: read, search · thinking high · \$0\.5 a turn · key team/,
    )
    const broken = page.locator('[data-agent="workspace:broken"]')
    assert.match(await broken.innerText(), /“model” has to be a text/)
    assert.equal(await broken.locator('.codicon-warning').count(), 1)
    assert.match(
      await page.locator('[data-agent="user:writer"]').innerText(),
      /yours[^]*None of its models can be used now/,
    )
  })

  it('is opened, searched and used by keyboard alone', async () => {
    await open()
    await page.getByTestId('agent-button').focus()
    await page.keyboard.press('Enter')
    await page.locator('[data-agent="user:writer"]').waitFor()
    await page.keyboard.type('rev')
    assert.deepEqual(await names(), ['Strict Reviewer'])
    await page.keyboard.press('Enter')
    await page.getByTestId('agent-picker').waitFor({ state: 'detached' })
    assert.deepEqual(await requests('choose-agent'), [{ agent: 'workspace:reviewer' }])
    await page.getByTestId('agent-button').getByText('Strict Reviewer').waitFor()
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-testid')), 'composer')
  })

  it('walks with the arrows around, begins at the one in use, and closes with Escape', async () => {
    await open()
    await page.evaluate(() => {
      window.host.scene.agent = { id: 'workspace:planner', name: 'planner', origin: 'workspace' }
      window.host.tell({ type: 'conversation', conversation: window.host.view(), needsKey: false })
    })
    await page.getByTestId('agent-button').getByText('planner').waitFor()
    await page.getByTestId('agent-button').click()
    await page.locator('[data-agent="workspace:planner"].active').waitFor()
    assert.equal(await page.locator('[data-agent][aria-selected=true] .name').innerText(), 'planner')
    await page.keyboard.press('End')
    assert.equal(await picked(), 'writer')
    await page.keyboard.press('ArrowDown')
    assert.equal(await picked(), 'No agent')
    await page.keyboard.press('ArrowUp')
    assert.equal(await picked(), 'writer')
    await page.keyboard.press('Escape')
    await page.getByTestId('agent-picker').waitFor({ state: 'detached' })
    assert.deepEqual(await requests('choose-agent'), [])
  })

  it('leaves the person at the row they have gone to, though the list is told anew', async () => {
    await open()
    const button = page.getByTestId('agent-button')
    await button.click()
    await page.locator('[data-agent="user:writer"]').waitFor()
    await page.keyboard.press('Escape')
    await page.getByTestId('agent-picker').waitFor({ state: 'detached' })
    await page.evaluate(() => void window.host.slow.push('agents'))
    const asked = (await requests('agents')).length
    await button.click()
    await page.waitForFunction((count) => window.host.requests('agents').length > count, asked)
    await page.locator('.agent-picker input:focus').waitFor()
    await drawn(page)
    await page.keyboard.press('End')
    assert.equal(await picked(), 'writer')
    await page.evaluate(() => window.host.release())
    await drawn(page)
    assert.equal(await picked(), 'writer')
  })

  it('shows what was told for the last question, in whichever order the answers come', async () => {
    await open()
    await page.evaluate(() => void window.host.slow.push('agents'))
    const asked = (await requests('agents')).length
    await page.getByTestId('agent-button').click()
    await page.locator('.agent-picker input:focus').waitFor()
    await drawn(page)
    const before = (await requests('agents')).length
    assert.ok(before > asked)
    await page.evaluate(() => window.host.tell({ type: 'agents-changed' }))
    await page.waitForFunction((count) => window.host.requests('agents').length > count, before)
    await page.evaluate((place) => {
      window.host.let('agents', { agents: [], problems: [] }, place)
      window.host.release()
    }, before - asked)
    await drawn(page)
    assert.deepEqual(await names(), ['No agent'])
  })

  it('takes the agent away again', async () => {
    await open()
    await page.getByTestId('agent-button').click()
    await page.locator('[data-agent="workspace:reviewer"]').click()
    await page.getByTestId('agent-button').getByText('Strict Reviewer').waitFor()
    await page.getByTestId('agent-button').click()
    await page.locator('[data-agent=none]').click()
    await page.getByTestId('agent-button').getByText('Strict Reviewer').waitFor({ state: 'detached' })
    assert.deepEqual(await requests('choose-agent'), [{ agent: 'workspace:reviewer' }, { agent: null }])
  })

  it('leads to a new agent, to all files, and to the one that is marked', async () => {
    await open()
    for (const name of ['new-agent', 'configure-agents']) {
      await page.getByTestId('agent-button').click()
      await page.getByTestId(name).click()
      await page.waitForFunction((one) => window.host.requests(one as 'send').length === 1, name)
    }
    await page.getByTestId('agent-button').click()
    await page.locator('[data-agent="user:writer"]').hover()
    await page.getByTestId('edit-agent').click()
    assert.deepEqual(await requests('open-customisation'), [{ uri: 'file:///project/.github/agents/writer.agent.md' }])
  })

  it('keeps what was chosen beside the agent in its file, where there is something to keep', async () => {
    await open()
    await page.getByTestId('agent-button').click()
    await page.locator('[data-agent="user:writer"]').waitFor()
    assert.equal(await page.getByTestId('keep-in-agent').count(), 0)
    await page.evaluate(() => {
      const agent = { id: 'workspace:reviewer', name: 'Strict Reviewer', model: 'claude-opus-4-5' }
      Object.assign(window.host.scene.chosen!, { origin: 'conversation', agent })
      window.host.scene.agent = { id: agent.id, name: agent.name, origin: 'conversation' }
      window.host.tell({ type: 'conversation', conversation: window.host.view(), needsKey: false })
    })
    await page.getByTestId('keep-in-agent').getByText('Keep Claude Sonnet 4.5 in agent Strict Reviewer').click()
    await page.getByTestId('agent-picker').waitFor({ state: 'detached' })
    assert.deepEqual(await requests('keep-in-agent'), [{}])
  })

  it('leaves in the picker of tools what the agent has, and says so', async () => {
    await open()
    await page.evaluate(() => {
      window.host.scene.tools!.narrowedBy = { agent: 'Strict Reviewer', of: 40 }
      window.host.tell({ type: 'tools-changed' })
    })
    await page.getByTestId('tools-button').click()
    await page
      .getByTestId('tools-narrowed')
      .getByText(/Agent Strict Reviewer has \d+ of 40 tools\./)
      .waitFor()
  })

  it('says that agents of the workspace do not count where nobody trusts it', async () => {
    await open()
    await page.evaluate(() => {
      window.host.scene.agents = []
      window.host.scene.untrusted = true
      window.host.tell({ type: 'agents-changed' })
    })
    await page.getByTestId('agent-button').click()
    await page.getByTestId('agents-untrusted').waitFor()
    assert.deepEqual(await names(), ['No agent'])
  })

  it('shows on its button that the agent in use cannot be used', async () => {
    await open()
    await page.evaluate(() => {
      window.host.scene.agent = {
        id: 'workspace:gone',
        name: 'gone',
        origin: 'conversation',
        missing: true,
        problem: 'There is no agent “gone” here now, so nothing of it counts.',
      }
      window.host.tell({ type: 'conversation', conversation: window.host.view(), needsKey: false })
    })
    await page.locator('[data-testid=agent-button] .codicon-warning').waitFor()
    assert.match((await page.getByTestId('agent-button').getAttribute('title')) ?? '', /There is no agent “gone”/)
  })
})

describe('the agent beside the model', function () {
  this.timeout(30_000)
  afterEach(() => rig.close(page))

  const title = async (chosen: object): Promise<string> => {
    await page.evaluate((more) => {
      Object.assign(window.host.scene.chosen!, more)
      window.host.tell({ type: 'conversation', conversation: window.host.view(), needsKey: false })
    }, chosen)
    await drawn(page)
    return (await page.getByTestId('model-button').getAttribute('title')) ?? ''
  }

  it('is named where its model won, and where the conversation’s own did', async () => {
    await open()
    assert.doesNotMatch(await title({}), /agent/)
    const agent = { id: 'workspace:reviewer', name: 'Strict Reviewer' }
    assert.match(await title({ origin: 'agent', agent }), /, from agent Strict Reviewer$/)
    assert.match(
      await title({ origin: 'conversation', agent: { ...agent, model: 'claude-opus-4-5' } }),
      /, chosen in this chat instead of claude-opus-4-5 of agent Strict Reviewer$/,
    )
  })

  it('proposes what may come next after its answers, and writes or sends that', async () => {
    await open()
    assert.equal(await page.getByTestId('handoffs').count(), 0)
    await page.evaluate(() => {
      const handoffs = [
        { label: 'Mend it', agent: 'implementer', prompt: 'Mend what you found.' },
        { label: 'Go on', agent: 'agent', prompt: 'Go on.', send: true as const },
      ]
      window.host.scene.agent = { id: 'workspace:reviewer', name: 'Strict Reviewer', origin: 'user', handoffs }
      window.host.tell({ type: 'conversation', conversation: window.host.view(), needsKey: false })
    })
    await page.getByRole('button', { name: 'Mend it' }).click()
    await page.waitForFunction(() => document.querySelector('textarea')?.value === 'Mend what you found.')
    assert.equal(await page.getByTestId('handoffs').count(), 0, 'what is typed is not written over')
    await page.getByTestId('composer').fill('')
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.waitForFunction(() => window.host.requests('send').length === 1)
    assert.deepEqual(await requests('hand-off'), [{ at: 0 }, { at: 1 }])
  })

  describe('proposes what may come next, which', () => {
    const propose = () =>
      page.evaluate(() => {
        const handoffs = [
          { label: 'Mend it', agent: 'implementer', prompt: 'Mend what you found.' },
          { label: 'Go on', agent: 'agent', prompt: 'Go on.', send: true as const },
        ]
        const { host } = window
        host.scene.agent = { id: 'workspace:reviewer', name: 'Strict Reviewer', origin: 'user', handoffs }
        host.tell({ type: 'conversation', conversation: host.view(), needsKey: false })
        host.slow.push('hand-off')
      })
    const handed = () => page.waitForFunction(() => window.host.requests('hand-off').length === 1)

    it('is sent once, however often it is pressed', async () => {
      await open()
      await propose()
      await page.getByRole('button', { name: 'Go on' }).dblclick()
      await handed()
      await page.evaluate(() => window.host.let('hand-off'))
      await page.waitForFunction(() => window.host.requests('send').length === 1)
      await drawn(page)
      assert.equal((await requests('hand-off')).length, 1)
    })

    it('keeps what is typed until it comes, and does not send that', async () => {
      await open()
      await propose()
      await page.getByRole('button', { name: 'Go on' }).click()
      await handed()
      await page.getByTestId('composer').fill('But first')
      await page.evaluate(() => window.host.let('hand-off'))
      await drawn(page)
      assert.equal(await page.getByTestId('composer').inputValue(), 'Go on.\n\nBut first')
      assert.deepEqual(await requests('send'), [])
    })

    it('goes to no other chat', async () => {
      await open()
      await propose()
      await page.getByRole('button', { name: 'Go on' }).click()
      await handed()
      await page.evaluate(() => {
        window.host.conversation = 'c2'
        window.host.tell({ type: 'stale' })
      })
      await drawn(page)
      await page.evaluate(() => window.host.let('hand-off'))
      await drawn(page)
      assert.equal(await page.getByTestId('composer').inputValue(), '')
      assert.deepEqual(await requests('send'), [])
    })
  })

  it('gives the empty composer its hint', async () => {
    await open()
    await page.evaluate(() => {
      window.host.scene.agent = { id: 'a', name: 'a', origin: 'user', hint: 'What shall be planned?' }
      window.host.tell({ type: 'conversation', conversation: window.host.view(), needsKey: false })
    })
    await page.getByPlaceholder('What shall be planned?').waitFor()
  })

  it('stands in the footer of the answers it gave, with the instructions they were given', async () => {
    await open()
    const footer = page.getByTestId('footer').last()
    await footer.getByText('Strict Reviewer').waitFor()
    assert.match(
      (await footer.locator('.facts').getAttribute('title')) ?? '',
      /Agent: Strict Reviewer\nInstructions: AGENTS\.md/,
    )
  })
})

describe('the instructions that go along', function () {
  this.timeout(30_000)
  afterEach(() => rig.close(page))

  it('are counted beside the model, listed, and opened', async () => {
    await open()
    const button = page.getByTestId('instructions-button')
    await button.waitFor()
    assert.equal(await button.getAttribute('aria-label'), '3 instruction files go along')
    await button.click()
    const list = page.getByTestId('instructions')
    assert.deepEqual(await list.locator('.path').allInnerTexts(), [
      '.github/copilot-instructions.md',
      'AGENTS.md',
      '.github/instructions/frontend/accessibility-of-everything.instructions.md',
    ])
    assert.match(await list.innerText(), /cut: too long/)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    assert.deepEqual(await requests('open-customisation'), [{ uri: 'file:///project/AGENTS.md' }])
    await list.waitFor({ state: 'detached' })
  })

  it('are asked for again when files change, and gone where there are none', async () => {
    await open()
    await page.getByTestId('instructions-button').waitFor()
    await page.evaluate(() => {
      window.host.scene.instructions = []
      window.host.tell({ type: 'agents-changed' })
    })
    await page.getByTestId('instructions-button').waitFor({ state: 'detached' })
  })
})
