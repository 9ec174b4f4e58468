/** Keys and settings that become other ones while a request waits: it goes out with what holds then, or not at all. */
import assert from 'node:assert/strict'
import type { FakeProvider } from '../harness/fake-providers.ts'
import { SideWindow } from './side-window.ts'

describe('a request that waits', function () {
  this.timeout(90_000)
  let side: SideWindow
  beforeEach(async () => {
    side = await SideWindow.open()
    const { settings } = side.inner
    side.inner.settings = { ...settings, failover: { ...settings.failover, chain: [] } }
  })
  afterEach(() => side[Symbol.asyncDispose]())

  const arrived = ({ server }: FakeProvider): number =>
    server.requests.filter(({ method, url }) => method === 'POST' && !/count/.test(url)).length
  const info = () => side.inner.connections.info('anthropic')!
  const setting = () => side.inner.settings.providers['anthropic']
  const set = (key: string): Promise<void> => side.inner.keys.set(info(), setting(), key, 'work')

  describe('for its turn', () => {
    beforeEach(async () => {
      const { page, first } = side.inner
      side.inner.settings = { ...side.inner.settings, rateLimits: [{ provider: 'anthropic', requests: 1 }] }
      await page.say('One')
      await (await first.next()).answer('The first.')
      await side.inner.answer()
      await page.say('Two')
      await page.until((events) => events.some((event) => event.type === 'waiting' && event.waiting))
    })

    it('does not go out with a key that was removed meanwhile, and says so', async () => {
      await side.inner.keys.remove(info(), 'work')
      side.inner.clock.pass(61_000)
      const { stop } = (await side.inner.answer(2)).message
      assert.match(
        stop.kind === 'failed' ? stop.failure.message : stop.kind,
        /^There is no key named “work” for Anthropic/,
      )
      assert.equal(arrived(side.inner.first), 1)
      assert.equal(side.inner.records().length, 1)
    })

    it('goes out with the key that stands in the place of its own by then', async () => {
      await set('sk-ant-work-2')
      side.inner.clock.pass(61_000)
      const turn = await side.inner.first.next()
      assert.equal(turn.key, 'sk-ant-work-2')
      await turn.answer('The second.')
      await side.inner.answer(2)
      assert.equal(side.inner.records().length, 2)
    })

    it('goes to no address that is no longer that of its provider', async () => {
      const { providers } = side.inner.settings
      const elsewhere = { ...providers['anthropic'], baseUrl: 'http://127.0.0.1:9' }
      side.inner.settings = { ...side.inner.settings, providers: { ...providers, anthropic: elsewhere } }
      side.inner.clock.pass(61_000)
      const { stop } = (await side.inner.answer(2)).message
      assert.match(stop.kind === 'failed' ? stop.failure.message : stop.kind, /^There is no key named “work”/)
      assert.equal(arrived(side.inner.first), 1)
    })
  })

  it('for its repetition beside the answers does not go out with a key that was removed meanwhile', async () => {
    const retry = { attempts: 3, baseDelay: 60_000, maxWait: 90_000 }
    side.inner.settings = { ...side.inner.settings, retry }
    await side.past(4)
    const summary = side.inner.page.ask('summarise', {}).catch(() => undefined)
    ;(await side.inner.first.next()).fail(529, 'overloaded_error', 'Overloaded', { 'retry-after': '60' })
    while (side.waits.length === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    await side.inner.keys.remove(info(), 'work')
    side.inner.window.waits.now(side.waits[0]!.id)
    await summary
    assert.equal(arrived(side.inner.first), 1)
  })
})
