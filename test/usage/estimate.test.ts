import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Block, Message } from '../../src/shared/message.ts'
import { noUsage } from '../../src/shared/message.ts'
import { Calibration } from '../../src/usage/calibration.ts'
import { estimateRequest, usageOfBroken } from '../../src/usage/estimate.ts'

function memory() {
  const values = new Map<string, unknown>()
  return {
    get: (key: string) => values.get(key) as never,
    update: async (key: string, value: unknown) => void values.set(key, value),
  }
}

const says = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] })
const anyCount = fc.oneof(fc.nat(2_000_000), fc.double(), fc.constantFrom(0, -1, NaN, Infinity))

describe('the estimate of a request', () => {
  it('never falls when something is added', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.string(), fc.string(), (texts, system, more) => {
        const messages = texts.map(says)
        const before = estimateRequest({ system, messages })
        assert.ok(Number.isInteger(before) && before >= 0)
        assert.ok(estimateRequest({ system, messages: [...messages, says(more)] }) > before)
        assert.ok(estimateRequest({ system: system + more, messages }) >= before)
      }),
    )
  })

  it('counts images and PDFs, and does so without their bytes where their size is known', () => {
    const file = (mediaType: string, size: number): Message => ({
      role: 'user',
      content: [{ type: 'file', size, media: { mediaType, blob: 'somewhere' } }],
    })
    const words = estimateRequest({ messages: [says('')] })
    const image = estimateRequest({ messages: [file('image/png', 500_000)] })
    const small = estimateRequest({ messages: [file('application/pdf', 50_000)] })
    const large = estimateRequest({ messages: [file('application/pdf', 5_000_000)] })
    assert.ok(words < image && image < small && small < large, `${words} ${image} ${small} ${large}`)
  })
})

describe('the correction of estimates', () => {
  it('takes a model nothing is known of at our word', () => {
    assert.equal(new Calibration(memory()).correct('anthropic/claude', 1234), 1234)
  })

  it('comes to what the provider counted, as long as that is no more than twice or half of our estimate', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 1_000_000 }),
        fc.double({ min: 0.5, max: 2, noNaN: true }),
        (mine, off) => {
          const calibration = new Calibration(memory())
          const real = Math.max(50, Math.round(mine * off))
          calibration.learn('p/m', real, mine)
          const corrected = calibration.correct('p/m', mine)
          assert.ok(Math.abs(corrected - real) <= 1 + 0.01 * mine, `${corrected} for ${real}`)
        },
      ),
    )
  })

  it('stays between a half and twice of the estimate, whatever providers say they counted', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyCount, anyCount)), fc.nat(1_000_000), (lessons, mine) => {
        const calibration = new Calibration(memory())
        for (const [real, estimated] of lessons) calibration.learn('p/m', real, estimated)
        const corrected = calibration.correct('p/m', mine)
        assert.ok(corrected >= Math.floor(mine / 2) && corrected <= mine * 2, String(corrected))
      }),
    )
  })

  it('is learned for one model alone and kept over restarts', () => {
    const kept = memory()
    new Calibration(kept).learn('p/one', 1500, 1000)
    assert.equal(new Calibration(kept).correct('p/one', 1000), 1500)
    assert.equal(new Calibration(kept).correct('p/two', 1000), 1000)
    assert.deepEqual([new Calibration(kept).knows('p/one'), new Calibration(kept).knows('p/two')], [true, false])
    new Calibration(kept).learn('p/two', 1000, 1000)
    assert.ok(new Calibration(kept).knows('p/two'), 'that an estimate was right is known too')
    assert.equal(new Calibration(kept).correct('constructor', 1000), 1000)
  })

  it('learns nothing from a few words', () => {
    const calibration = new Calibration(memory())
    calibration.learn('p/m', 49, 30)
    calibration.learn('p/m', 20, 100)
    assert.equal(calibration.factor('p/m'), 1)
  })

  it('survives a memory that holds something else', () => {
    for (const factors of [{ 'p/m': 'much' }, { 'p/m': 40 }, { 'p/m': null }]) {
      const kept = memory()
      void kept.update('panelist.tokenFactors', factors)
      assert.equal(new Calibration(kept).factor('p/m'), 1)
    }
  })
})

describe('the usage of an answer that broke off', () => {
  const request = { messages: [says('How long is a piece of string?')] }
  const wrote = (text: string): Block[] => [{ type: 'text', text }]

  it('is what was written and sent, where nobody counted it, and what was thought too', () => {
    const usage = usageOfBroken(
      request,
      [{ type: 'thinking', text: 'Hm, well. '.repeat(40) }, ...wrote('Long.')],
      noUsage(),
    )
    assert.ok(usage?.estimated)
    assert.equal(usage.input, estimateRequest(request))
    assert.ok(usage.output > 50, `${usage.output} tokens`)
  })

  it('keeps what its provider has counted so far, and never says less', () => {
    const counted = { input: 7, output: 1, cacheRead: 3, cacheWrite: 0 }
    const words = wrote('A whole sentence that somebody has to pay for. '.repeat(9))
    const { output = 0, ...others } = usageOfBroken(request, words, counted) ?? {}
    assert.ok(output > 50)
    assert.deepEqual(others, { input: 7, cacheRead: 3, cacheWrite: 0, estimated: true })
    assert.equal(usageOfBroken(request, words, { ...counted, output: 10_000 }), undefined)
    assert.equal(usageOfBroken(request, words, { ...counted, cost: 0.01 }), undefined)
  })

  it('is not known where nothing came of what may never have been taken', () => {
    assert.equal(usageOfBroken(request, [], noUsage()), undefined)
  })

  it('is what was sent where its provider had taken it and no word had come: it charges for its input then', () => {
    const usage = usageOfBroken(request, [], noUsage(), true)
    assert.deepEqual(usage, { ...noUsage(), input: estimateRequest(request), estimated: true })
    assert.deepEqual(usageOfBroken(70, [], noUsage(), true), { ...noUsage(), input: 70, estimated: true })
    const counted = { ...noUsage(), input: 7 }
    assert.equal(usageOfBroken(request, [], counted, true), undefined, 'what it said itself counts')
  })
})
