/** A key goes to its own provider and nowhere else: a marked one is set, used and looked for everywhere. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Frame, Page } from 'playwright-core'
import { Chat } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import { startFakeProvider } from '../harness/fake-providers.ts'
import type { FakeProvider } from '../harness/fake-providers.ts'
import { openWorkbench } from '../harness/workbench.ts'
import type { Workbench } from '../harness/workbench.ts'

describe('A key', () => {
  const key = `sk-ant-canary-${randomBytes(12).toString('hex')}`
  const question = 'Where does my key go?'
  let workbench: Workbench
  let chat: Chat
  let provider: FakeProvider
  let elsewhere: FakeProvider
  /** The messages between windows and frames that hold the key or what was said, as JSON. */
  const traffic: string[] = []
  /** Address, headers and body of each request of the browser. */
  const requests: { origin: string; text: string }[] = []
  pictureFailures(() => workbench)

  before(async () => {
    ;[provider, elsewhere] = await Promise.all([startFakeProvider('anthropic'), startFakeProvider('anthropic')])
    workbench = await openWorkbench({
      prepare: watch,
      settings: {
        'panelist.provider': 'anthropic',
        'panelist.model': 'claude-haiku-4-5',
        'panelist.providers': { anthropic: provider.setting },
      },
    })
    await workbench.openPanel()
    chat = await Chat.of(workbench)
  })

  after(async () => {
    await workbench?.close()
    await Promise.all([provider?.close(), elsewhere?.close()])
  })

  it('that was typed into the native box reaches its provider, through answers, errors and a reload', async () => {
    await workbench.runCommand('Panelist: Set API Key')
    await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Anthropic' }).click()
    const box = workbench.page.locator('.quick-input-widget input[type=password]')
    await box.fill(key)
    await box.press('Enter')
    await box.waitFor({ state: 'hidden' })

    const turn = await chat.ask(provider, question)
    assert.equal(turn.request.headers['x-api-key'], key)
    await turn.answer('To me alone.')
    await chat.says('To me alone.')
    await chat.settled()

    const refused = await chat.ask(provider, 'Say it back')
    refused.fail(400, 'invalid_request_error', `this is your key: ${key}`)
    await chat.failure.waitFor()
    await chat.failure.getByText('Details').click()
    assert.match(await chat.failure.innerText(), /this is your key/)

    const moved = await chat.ask(provider, 'Send it on')
    moved.redirect(`${elsewhere.server.origin}/v1/messages`)
    await chat.failure.getByText('does not follow').waitFor()

    await workbench.reload()
    await chat.again()
    const after = await chat.ask(provider, 'Still there?')
    assert.equal(after.request.headers['x-api-key'], key)
    await after.answer('Still there.')
    await chat.says('Still there.')
    await chat.settled()
  })

  it('is not sent on by a redirect, nor to another endpoint of the same provider', async () => {
    await workbench.helper.changeSettings({ 'panelist.providers': { anthropic: elsewhere.setting } })
    const turn = await chat.ask(elsewhere, 'And you?')
    await turn.answer('I know nothing.')
    await chat.says('I know nothing.')
    await chat.settled()
    const seen = elsewhere.server.requests.map(({ url, headers, body }) => JSON.stringify({ url, headers, body }))
    assert.ok(seen.some((one) => one.includes('And you?')))
    assert.deepEqual(
      seen.filter((one) => one.includes(key)),
      [],
    )
    await workbench.helper.changeSettings({ 'panelist.providers': { anthropic: provider.setting } })
  })

  it('is in no message between host and page', () => {
    assert.ok(
      traffic.some((text) => text.includes(question)),
      'the traffic is not watched',
    )
    assert.ok(
      traffic.some((text) => text.includes('To me alone.')),
      'the traffic is not watched',
    )
    assert.deepEqual(
      traffic.filter((text) => text.includes(key)),
      [],
    )
  })

  it('is in no document, field or script of the page', async () => {
    const documents = await Promise.all(workbench.page.frames().map(documentOf))
    assert.ok(
      documents.some((text) => text.includes(question)),
      'the panel is not among the documents',
    )
    assert.deepEqual(
      documents.filter((text) => text.includes(key)),
      [],
    )
  })

  it('is in no request to another origin', () => {
    const origin = workbench.server.url
    assert.ok(requests.length > 0, 'the requests are not watched')
    const others = requests.filter((request) => request.origin !== origin)
    assert.deepEqual(
      others.filter(({ text }) => text.includes(key)),
      [],
    )
    assert.deepEqual(
      requests.filter(({ text }) => text.includes(key)).map(({ text }) => text.split(' ')[0]),
      [],
    )
  })

  it('is in the browser’s storage only encrypted', async () => {
    const stored = await workbench.page.evaluate<string>(browserStorage)
    assert.ok(stored.includes('secrets.provider'), 'the secrets are not among what was read')
    assert.ok(stored.includes('panelist.keys'), 'the state of extensions is not among what was read')
    assert.equal(stored.includes(key), false)
  })

  it('is in no file: settings, logs, database, storage of VS Code, workspace', () => {
    const { folder, settingsFile } = workbench.server.profile
    assert.ok(
      filesWith(folder, question).some((file) => /panelist\.db/.test(file)),
      'the database was not read',
    )
    assert.ok(filesWith(folder, provider.server.origin).includes(settingsFile), 'the settings were not read')
    const planted = path.join(workbench.server.profile.data, 'planted.bin')
    writeFileSync(planted, Buffer.concat([randomBytes(2000), Buffer.from(key), randomBytes(2000)]))
    assert.deepEqual(filesWith(folder, key), [planted])
    rmSync(planted)
  })

  it('causes no console error, no exception and no CSP violation', () => assert.deepEqual(workbench.problems, []))

  /** Records messages in every frame, and requests, before any script of the page runs. */
  async function watch(page: Page): Promise<void> {
    await page.exposeFunction('canaryTraffic', (text: string) => void traffic.push(text))
    await page.addInitScript({ content: recordMessages })
    page.on('request', (request) => {
      const text = [request.url(), JSON.stringify(request.headers()), request.postData() ?? ''].join(' ')
      requests.push({ origin: new URL(request.url()).origin, text })
    })
  }
})

/**
 * Runs in every frame before its scripts. It listens wherever somebody else begins to, because VS Code writes the
 * document of a webview anew, which takes listeners away and leaves functions as they are. Only what the test asks for
 * is kept: the editor sends itself thousands of messages.
 */
const recordMessages = `
  const record = ({ data }) => {
    try {
      const text = JSON.stringify(data)
      if (/sk-ant-canary|Where does my key go|To me alone/.test(text)) window.canaryTraffic(text)
    } catch {} // no JSON: a port or a buffer
  }
  const add = EventTarget.prototype.addEventListener
  EventTarget.prototype.addEventListener = function (type, ...rest) {
    if (type === 'message') add.call(this, type, record, true)
    return add.call(this, type, ...rest)
  }`

/** A frame's markup with what its fields hold. Frames that are going away are empty. */
function documentOf(frame: Frame): Promise<string> {
  const script = `[document.documentElement.outerHTML,
    ...[...document.querySelectorAll('input, textarea')].map(({ value }) => value)].join('\\n')`
  return frame.evaluate<string>(script).catch(() => '')
}

/** Runs in the page: everything the browser keeps for it, as text. */
const browserStorage = `(async () => {
  const kept = [{ ...localStorage }, { ...sessionStorage }, document.cookie]
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name))
    for (const store of database.objectStoreNames) {
      const objects = database.transaction(store).objectStore(store)
      kept.push(await done(objects.getAllKeys()), await done(objects.getAll()))
    }
    database.close()
  }
  return JSON.stringify(kept)
})()`

/** The files below `folder` that hold these bytes. */
function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text))
}
