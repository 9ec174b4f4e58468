import assert from 'node:assert/strict'
import type { LoopEnd } from '../../src/shared/tool-state.ts'
import { canGoOn, endSentence, isOver, stateWords } from '../../src/shared/tool-state.ts'

describe('The end of a turn', () => {
  it('is said where the turn can go on, with its limit', () => {
    const limits: [LoopEnd, RegExp][] = [
      [{ kind: 'limit', of: 'steps', limit: 1 }, /after 1 step,/],
      [{ kind: 'limit', of: 'steps', limit: 50 }, /after 50 steps,/],
      [{ kind: 'limit', of: 'cost', limit: 0.5 }, /limit of \$0\.50\./],
      [
        { kind: 'limit', of: 'cost', limit: 0.5, unknown: true },
        /nobody knows .* limit of \$0\.50 cannot be held to\./,
      ],
      [{ kind: 'limit', of: 'time', limit: 90_000 }, /limit of 90 seconds\./],
      [{ kind: 'limit', of: 'time', limit: 600_000 }, /limit of 10 minutes\./],
    ]
    for (const [end, words] of limits) {
      assert.match(endSentence(end) ?? '', words)
      assert.ok(canGoOn(end))
    }
  })

  it('says nothing where the answer or the person has said it', () => {
    const ends: LoopEnd[] = [{ kind: 'done' }, { kind: 'stopped' }, { kind: 'answer', stop: { kind: 'refused' } }]
    for (const end of ends) {
      assert.equal(endSentence(end), undefined)
      assert.ok(!canGoOn(end))
    }
  })
})

describe('The state of a call', () => {
  it('is over once it is done or has failed, and has words for a card', () => {
    assert.ok(!isOver({ kind: 'waiting' }))
    assert.ok(isOver({ kind: 'failed', why: 'denied' }))
    assert.equal(stateWords({ kind: 'failed', why: 'denied' }), 'Denied')
    assert.equal(stateWords({ kind: 'done', summary: 's', durationMs: 1 }), 'Done')
  })
})
