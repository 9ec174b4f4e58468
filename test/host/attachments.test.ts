import assert from 'node:assert/strict'
import { FakePage, FakeWindow, chosen } from './fakes.ts'

const base64 = (words: string): string => Buffer.from(words).toString('base64')
const file = (name: string, mediaType: string, data = base64(name)) => ({
  type: 'file' as const,
  name,
  media: { mediaType, data },
})
const say = (words: string) => ({ type: 'text' as const, text: words })

describe('attachments of a session', () => {
  let window: FakeWindow
  let page: FakePage
  beforeEach(async () => {
    window = new FakeWindow()
    page = new FakePage(window)
    await page.ready()
  })
  afterEach(async () => {
    await window.services.answers.stopAll()
    page.session.dispose()
    window.close()
  })

  const blind = { ...chosen, info: { ...chosen.info!, images: false, pdfs: false } }

  it('give a page the bytes of images, and of a PDF its name and size alone; the provider gets both whole', async () => {
    await page.ask('send', {
      content: [file('a.png', 'image/png'), file('b.pdf', 'application/pdf', base64('%PDF-1.7 x'))],
    })
    const [question] = (await page.ready()).page.messages
    const [image, pdf] = question!.message.content as { size?: number; media: { data?: string; blob?: string } }[]
    assert.equal(image?.media.data, base64('a.png'))
    assert.equal(pdf?.media.data, undefined)
    assert.equal(pdf?.size, 10)
    while (window.provider.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.ok(JSON.stringify(window.provider.requests[0]).includes(base64('%PDF-1.7 x')))
  })

  it('go along when a message is edited, although the page has no bytes of them', async () => {
    const { message } = await page.ask('send', { content: [file('b.pdf', 'application/pdf'), say('Sum it up')] })
    while (window.provider.requests.length < 1) await new Promise((resolve) => setTimeout(resolve, 5))
    await page.ask('stop', {})
    const shown = (await page.ready()).page.messages.find(({ id }) => id === message)!
    const [pdf] = shown.message.content
    while (window.services.answers.count > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await page.ask('send', { content: [pdf as never, say('Sum it up shortly')], parent: null })
    while (window.provider.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.ok(JSON.stringify(window.provider.requests[1]).includes(base64('b.pdf')))
  })

  it('are saved by their name alone, wherever that says they should go', async () => {
    const { message } = await page.ask('send', { content: [file('../../.bashrc', 'application/pdf', base64('x'))] })
    await page.ask('saveFile', { message, place: 0 })
    assert.deepEqual(
      window.saved.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]),
      [['.bashrc', 'x']],
    )
    await assert.rejects(page.ask('saveFile', { message, place: 1 }), /no longer/)
    await page.ask('new', { keepChoice: false })
    await assert.rejects(page.ask('saveFile', { message, place: 0 }), /no longer there/)
  })

  it('of a draft are kept until they leave it, and given to any page of its chat', async () => {
    const one = { id: '1', name: 'a.png', mediaType: 'image/png' }
    const two = { id: '2', name: 'b.pdf', mediaType: 'application/pdf' }
    await page.ask('keepFiles', { conversation: 'c', files: [{ ...one, data: 'AA==' }] })
    await page.ask('keepFiles', { conversation: 'c', files: [one, { ...two, data: 'BB==' }] })
    const other = new FakePage(window)
    assert.deepEqual(await other.ask('keptFiles', { conversation: 'c' }), [
      { ...one, data: 'AA==' },
      { ...two, data: 'BB==' },
    ])
    assert.deepEqual(await other.ask('keptFiles', { conversation: 'd' }), [])
    await page.ask('keepFiles', { conversation: 'c', files: [two] })
    assert.deepEqual(await other.ask('keptFiles', { conversation: 'c' }), [{ ...two, data: 'BB==' }])
    other.session.dispose()
  })

  it('of old drafts go before memory runs out, those of the newest never', async () => {
    const huge = 'A'.repeat(80 * 1024 * 1024)
    const { keptFiles } = window.services
    const file = { id: '1', name: 'a.png', mediaType: 'image/png', data: huge }
    for (const conversation of ['a', 'b', 'c']) keptFiles.keep(conversation, [file])
    assert.deepEqual(
      ['a', 'b', 'c'].map((conversation) => keptFiles.of(conversation).length),
      [0, 0, 1],
    )
    keptFiles.keep('d', [file, { ...file, id: '2' }])
    assert.equal(keptFiles.of('d').length, 2)
  })

  it('are refused for a model that cannot take them, before anything is stored', async () => {
    window.choice = blind
    await assert.rejects(page.ask('send', { content: [file('a.png', 'image/png')] }), /Claude Test cannot see images/)
    assert.deepEqual((await page.ready()).page.messages, [])
    assert.equal(window.services.answers.count, 0)
  })

  it('are counted over the whole conversation, but not those that the model does not get anyway', async () => {
    const many = Array.from({ length: 100 }, (_, at) => file(`${at}.png`, 'image/png'))
    window.choice = { ...chosen, info: { ...chosen.info!, contextWindow: 200_000 } }
    await page.ask('send', { content: many })
    await page.ask('stop', {})
    while (window.services.answers.count > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    const one = { content: [file('one-more.png', 'image/png')] }
    await assert.rejects(page.ask('send', one), /This conversation has 101 images, and Anthropic takes 100/)
    window.choice = blind
    await page.ask('send', { content: [say('Only words')] })
  })
})
