/** What says that an answer is being written says it as long as one is, and no longer: over random turns. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Page } from 'playwright-core'
import { Rig } from './harness/browser.ts'

/** What may happen, in the words of the page's fake host. What cannot happen where a turn stands is passed over. */
const STEPS = [
  'begin',
  'say',
  'think',
  'finish',
  'fail',
  'stop',
  'call',
  'results',
  'wait',
  'go',
  'break-off',
  'fail-over',
  'ask-budget',
  'ask-fit',
  'decide',
  'reload',
] as const
type Step = (typeof STEPS)[number]

type Seen = { step: string; open: number; shown: number }

/** Plays them in a new conversation of the page, and says after each how many streams are open and how many are shown. */
function play(page: Page, steps: readonly Step[]): Promise<Seen[]> {
  return page.evaluate(async (all) => {
    const { host } = window
    const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve))
    const drawn = async (): Promise<void> => {
      // A reload asks the host, which answers in a task of its own.
      do {
        await new Promise((resolve) => setTimeout(resolve))
        await frame()
        await frame()
      } while (host.answering > 0)
    }
    const pause = {
      sentence: 'Anthropic is overloaded.',
      leftMs: 9_000,
      repetition: 1,
      of: 3,
      skippable: true,
    } as const
    const met = { id: 'q', model: 'Claude', estimate: 0.5, budgets: [] }
    const long = { id: 'f', messages: 4, tokens: 9_000, limit: 8_000, model: 'Claude' }
    const decided = (): void => (host.pays(undefined), host.fits(undefined))
    const cut = { code: 'network', message: 'The connection was cut.' } as const
    const now = { phase: 'idle' as 'idle' | 'open' | 'waiting' | 'asking' | 'tools', said: false }
    let count = 0
    const is = (phase: typeof now.phase, said = now.said) => now.phase === phase && now.said === said
    const turns = (phase: typeof now.phase): void => void Object.assign(now, { phase, said: false })
    const says = (): void => void (now.said = true)
    /** When it can happen, and how. */
    const happens: Record<string, [when: () => boolean, how: () => void]> = {
      begin: [() => is('idle'), () => (host.start(), turns('open'))],
      say: [() => is('open'), () => (host.say('some words '), says())],
      think: [
        () => is('open', false),
        () => {
          host.stream({ type: 'block-start', index: 0, block: { type: 'thinking', text: '' } })
          host.stream({ type: 'block-delta', index: 0, text: 'Hm.' })
          host.stream({ type: 'block-end', index: 0, block: { type: 'thinking', text: 'Hm.' } })
          says()
        },
      ],
      finish: [() => is('open'), () => (host.end(), turns('idle'))],
      fail: [() => is('open'), () => (host.end({ kind: 'failed', failure: cut }), turns('idle'))],
      stop: [
        () => is('open') || is('waiting') || is('asking'),
        () => {
          if (is('waiting')) host.waits()
          decided()
          host.end({ kind: 'aborted' })
          turns('idle')
        },
      ],
      call: [
        () => is('open'),
        () => {
          host.call({ id: `t${++count}`, name: 'read_file' })
          host.end({ kind: 'tools' })
          turns('tools')
        },
      ],
      results: [
        () => is('tools'),
        () => {
          const output = [{ type: 'text' as const, text: 'It says so.' }]
          const result = { callId: `t${count}`, name: 'read_file', ranBy: 'host' as const, output }
          host.results(`r${count}`, { type: 'tool-result', ...result })
          host.start()
          turns('open')
        },
      ],
      wait: [() => is('open', false), () => (host.waits(pause), turns('waiting'))],
      'ask-budget': [() => is('open', false), () => (host.pays({ asking: met }), turns('asking'))],
      'ask-fit': [() => is('open', false), () => (host.fits({ asking: long }), turns('asking'))],
      decide: [() => is('asking'), () => (decided(), turns('open'))],
      go: [() => is('waiting'), () => (host.waits(), turns('open'))],
      'break-off': [
        () => is('open', true),
        () => {
          host.stream({ type: 'end', stop: { kind: 'failed', failure: cut } })
          host.tell({ type: 'settled', id: host.running!, state: 'interrupted', resumes: true })
          const last = host.scene.messages.at(-1)!
          host.scene.messages.splice(-1, 1, { ...last, state: 'interrupted' })
          host.start(undefined, 'asked')
          host.waits(pause)
          turns('waiting')
        },
      ],
      'fail-over': [
        () => is('open', false),
        () =>
          host.stream({ type: 'start', origin: { provider: 'openai', dialect: 'openai-responses', model: 'gpt-5' } }),
      ],
      reload: [() => true, () => host.tell({ type: 'stale' })],
    }
    host.running = undefined
    decided()
    delete host.scene.turn
    host.scene.messages = []
    host.conversation = `c${Math.random()}`
    host.tell({ type: 'stale' })
    await drawn()
    const seen: Seen[] = []
    for (const step of all) {
      const [when, how] = happens[step]!
      if (!when()) continue
      how()
      await drawn()
      const shown = document.querySelectorAll('[data-testid=streaming], [data-testid=waiting]').length
      seen.push({ step, open: is('open') ? 1 : 0, shown })
    }
    return seen
  }, steps)
}

describe('the streaming indicator', function () {
  this.timeout(120_000)
  let rig: Rig

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())

  it('is on exactly while a stream is open', async () => {
    const page = await rig.open('empty', { width: 600 })
    // What draws a pause loads behind.
    await play(page, ['begin', 'wait'])
    await page.getByTestId('trying-again').waitFor()
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...STEPS), { minLength: 6, maxLength: 24 }), async (steps) => {
        const seen = await play(page, steps)
        for (const [at, { open, shown }] of seen.entries())
          assert.equal(
            shown,
            open,
            `after ${seen
              .slice(0, at + 1)
              .map(({ step }) => step)
              .join(', ')}`,
          )
      }),
      { numRuns: 60 },
    )
    // Chance may pass by what happens in every turn of tools.
    const turn: Step[] = [
      'begin',
      'say',
      'call',
      'results',
      'say',
      'break-off',
      'reload',
      'go',
      'ask-budget',
      'reload',
      'decide',
      'ask-fit',
      'decide',
      'say',
      'call',
      'results',
    ]
    assert.deepEqual(
      (await play(page, [...turn, 'fail-over', 'say', 'stop'])).map(({ open, shown }) => [open, shown]),
      [1, 1, 0, 1, 1, 0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 0].map((open) => [open, open]),
    )
    await rig.close(page)
  })

  it('is on in each lane of a comparison exactly while its own stream is open', async () => {
    const page = await rig.open('compared', { width: 1200 })
    await page.getByTestId('comparison').waitFor()
    type Lanes = { lane: number; ends: boolean }[]
    const play = (lanes: number, steps: Lanes): Promise<[open: number[], shown: number[]][]> =>
      page.evaluate(
        async ([count, all]) => {
          const { host } = window
          const [done, live] = host.scene.comparison!.lanes
          const template = [done, live].find((lane) => lane?.messages[0]?.state === 'streaming')!.messages[0]!
          const kept = host.scene.comparison!
          const names = Array.from({ length: count }, (_, at) => `lane-${Math.random()}-${at}`)
          host.conversation = `c${Math.random()}`
          const lanes = names.map((id) => ({ id, running: true as const, messages: [{ ...template, id }] }))
          host.scene.comparison = { ...kept, lanes }
          host.tell({ type: 'stale' })
          const drawn = async (): Promise<void> => {
            do {
              await new Promise((resolve) => setTimeout(resolve))
              for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame)
            } while (host.answering > 0)
          }
          const open = names.map(() => 1)
          const seen: [number[], number[]][] = []
          const look = async (): Promise<void> => {
            await drawn()
            const shown = names.map((id) => {
              const lane = document.querySelector(`[data-lane="${id}"]`)
              return lane?.querySelectorAll('[data-testid=streaming], [data-testid=waiting]').length ?? -1
            })
            seen.push([[...open], shown])
          }
          await look()
          for (const { lane, ends } of all) {
            const id = names[lane % count]!
            if (!open[lane % count]) continue
            if (ends) {
              host.tell({ type: 'settled', id, state: 'done' })
              open[lane % count] = 0
            } else host.tell({ type: 'stream', id, events: [{ type: 'block-delta', index: 0, text: ' more' }] })
            await look()
          }
          host.scene.comparison = kept
          return seen
        },
        [lanes, steps] as const,
      )
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 4 }),
        fc.array(fc.record({ lane: fc.nat(3), ends: fc.boolean() }), { maxLength: 8 }),
        async (lanes, steps) => {
          for (const [open, shown] of await play(lanes, steps)) assert.deepEqual(shown, open)
        },
      ),
      { numRuns: 20 },
    )
    await rig.close(page)
  })
})
