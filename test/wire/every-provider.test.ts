import assert from 'node:assert/strict'
import { providers } from '../../src/llm/index.ts'
import { describeBadDays } from '../harness/bad-day.ts'
import { describeGoodDays } from '../harness/good-day.ts'
import { describeMissingCounts } from '../harness/no-count.ts'
import { speakers } from '../harness/speakers.ts'

describe('What every provider is held to', () => {
  it('leaves out no provider of the registry, and no format that a compatible server may speak', () => {
    assert.deepEqual([...new Set(speakers.map(({ id }) => id))].sort(), providers.map(({ id }) => id).sort())
    for (const { id, dialect } of providers) {
      const own = speakers.filter((speaker) => speaker.id === id && speaker.dialect === undefined)
      assert.equal(own.length, 1, `${id} is spoken to in ${dialect}`)
    }
    const spoken = speakers.filter(({ id }) => id === 'compatible').map(({ dialect }) => dialect)
    assert.deepEqual(spoken, [undefined, 'openai-responses', 'anthropic'])
  })
})

for (const speaker of speakers) {
  describeGoodDays(speaker)
  describeBadDays(speaker)
  describeMissingCounts(speaker)
}
