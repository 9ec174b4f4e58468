import assert from 'node:assert/strict'
import { describe as inOneLine } from '../../src/host/log.ts'
import type { Batch } from '../../src/shared/protocol.ts'
import { FakePage, FakeWindow, end, text } from './fakes.ts'

const settled =
  (count: number) =>
  (events: Batch['events']): boolean =>
    events.filter(({ type }) => type === 'settled').length === count

describe('the log', () => {
  it('tells of requests and how they ended, and holds no prompt, no answer, no title and no detail', async () => {
    const window = new FakeWindow()
    const page = new FakePage(window)
    await page.ready()
    await page.say('PROMPT-CANARY')
    window.provider.send(...text('ANSWER-CANARY'), ...end('ANSWER-CANARY'))
    await page.until(settled(1))
    await page.say('PROMPT-CANARY again')
    const failure = {
      code: 'auth' as const,
      message: 'SENTENCE-CANARY',
      detail: 'DETAIL-CANARY',
      status: 401,
      requestId: 'req_7',
    }
    window.provider.send({ type: 'end', stop: { kind: 'failed', failure } })
    await page.until(settled(2))
    await page.ask('rename', { conversation: page.session.conversation, title: 'TITLE-CANARY' })
    await assert.rejects(page.ask('rename', { conversation: page.session.conversation, title: ' ' }))
    page.session.dispose()
    window.close()
    const log = window.logged.join('\n')
    assert.match(log, /anthropic\/claude-test: done, in 1000, out 100 tokens/)
    assert.match(log, /auth 401.*request req_7/)
    assert.doesNotMatch(log, /CANARY/)
  })

  it('takes whatever looks like a key out of an error', () => {
    const line = inOneLine(new Error('refused sk-ant-api03-abcdefghijklmnop and Bearer abc.def\nsecond line'))
    assert.equal(line, 'Error: refused [redacted] and [redacted] second line')
  })
})
