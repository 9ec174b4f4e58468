import assert from 'node:assert/strict'
import fc from 'fast-check'
import { deal, inLanes } from '../../scripts/test/lanes.ts'
import { atLeastOne, nothing, slowest, sum } from '../../scripts/test/reports.ts'

describe('the lanes of a run of all tests', () => {
  it('do all of their own in order, and of what either can do each thing once', async () => {
    const works = fc.array(fc.nat(5), { maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(works, works, works, async (rooms, editor, either) => {
        const name = (lane: string) => (wait: number, at: number) => ({ name: `${lane}${at}`, wait })
        const done: string[] = []
        const own = [rooms.map(name('rooms')), editor.map(name('editor'))]
        const common = either.map(name('either'))
        await inLanes(own, common, async ({ name, wait }) => {
          for (let turn = 0; turn < wait; turn++) await Promise.resolve()
          done.push(name)
        })
        assert.deepEqual(done.toSorted(), [...own.flat(), ...common].map(({ name }) => name).toSorted())
        for (const lane of own) {
          const names = lane.map(({ name }) => name)
          assert.deepEqual(
            done.filter((name) => names.includes(name)),
            names,
          )
        }
      }),
    )
  })

  it('share what either can do by who is free', async () => {
    const held = Promise.withResolvers<void>()
    const done: string[] = []
    const all = inLanes([['slow'], ['quick']], ['one', 'two', 'three'], async (name) => {
      if (name === 'slow') await held.promise
      done.push(name)
    })
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(done, ['quick', 'one', 'two', 'three'])
    held.resolve()
    await all
    assert.equal(done.at(-1), 'slow')
  })

  it('are dealt heaps that hold everything once, and differ by no more than the heaviest thing', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 8 }), (weights) => {
        const heaps = deal(weights, 4, (weight) => weight)
        const order = (one: number, other: number): number => one - other
        assert.deepEqual(heaps.flat().toSorted(order), weights.toSorted(order))
        const all = heaps.map((heap) => heap.reduce((one, other) => one + other, 0))
        assert.ok(Math.max(...all) - Math.min(...all) <= Math.max(...weights), all.join(' '))
      }),
    )
  })
})

describe('the reports of a run', () => {
  const test = (title: string, file: string, ms: number) => ({ title, file, ms })
  const report = {
    ...nothing(),
    passed: 3,
    tests: [test('a', 'one', 100), test('b', 'one', 300), test('c', 'two', 200)],
  }

  it('are added up, with their tests', () => {
    const all = sum([report, nothing('it crashed')])
    assert.deepEqual([all.passed, all.failed, all.failures, all.tests], [3, 1, ['it crashed'], report.tests])
  })

  it('of a level that ran nothing are a failure', () => {
    assert.deepEqual(atLeastOne('unit', nothing()).failures, ['unit ran no test'])
    assert.equal(atLeastOne('unit', report).failed, 0)
  })

  it('name the slowest tests and files', () => {
    assert.deepEqual(
      slowest(report, 2).map((line) => line.trim()),
      ['0.3 s  b (one)', '0.2 s  c (two)', '0.4 s  in all of one', '0.2 s  in all of two'],
    )
  })
})
