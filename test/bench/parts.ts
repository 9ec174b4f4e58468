/** The parts of a session, in order. Each gives samples of the figures it names. */
import { setTimeout as pause } from 'node:timers/promises'
import { conversationOf, endOf } from './seed.ts'
import { within } from './stage.ts'
import type { Seen, Stage, Streamed } from './stage.ts'
import type { Name } from './subject.ts'
import { turn } from './text.ts'

export type Samples = { [figure: string]: number[] }

export type Part = {
  figures: readonly string[]
  subjects: readonly Name[]
  /** Takes more than a minute: once a run is enough. */
  slow?: true
  run(stage: Stage, add: (figure: string, ...samples: number[]) => void): Promise<void>
}

/** Messages of the conversations that are opened. Two a turn. */
export const sizes = [200, 400, 500, 2_000, 4_000]
/** The conversation of 200 turns, where typing, sending and memory are measured again. */
const manyTurns = 400
const opensEach = 2

const both: Name[] = ['bare', 'panelist']

/** Value below which 95 of 100 samples are. */
export const p95 = (samples: readonly number[]): number =>
  [...samples].sort((one, other) => one - other)[Math.ceil(samples.length * 0.95) - 1] ?? NaN

export const parts: Part[] = [
  {
    figures: ['host memory'],
    subjects: ['none'],
    run: async (stage, add) => {
      await pause(3_000)
      add('host memory', await stage.hostMemory())
    },
  },
  {
    figures: ['heap empty', 'host memory'],
    subjects: both,
    run: async (stage, add) => {
      await pause(1_500)
      add('heap empty', await stage.heap())
      add('host memory', await stage.hostMemory())
    },
  },
  {
    figures: ['request', 'first paint', 'typing'],
    subjects: both,
    run: async (stage, add) => {
      await stage.stream({ kind: 'short', rate: 0, delayMs: 300 }) // the first answer loads what the others find
      for (let time = 0; time < 6; time++) addShort(add, 'request', await short(stage))
      add('typing', p95(await stage.type(40)))
    },
  },
  {
    figures: ['unthrottled settled', 'unthrottled long'],
    subjects: both,
    run: async (stage, add) => {
      for (let time = 0; time < 3; time++) addLong(add, 'unthrottled', await long(stage, 0))
    },
  },
  {
    figures: ['1000 settled', '1000 long', '1000 host', '1000 webview'],
    subjects: both,
    run: async (stage, add) => addLong(add, '1000', await long(stage, 1_000)),
  },
  {
    figures: ['100 settled', '100 long', '100 host', '100 webview'],
    subjects: both,
    slow: true,
    run: async (stage, add) => addLong(add, '100', await long(stage, 100)),
  },
  {
    figures: ['stop', 'typing streaming'],
    subjects: both,
    run: async (stage, add) => {
      for (let time = 0; time < 3; time++) await stop(stage, add)
    },
  },
  {
    figures: ['heap many', 'typing many', 'request many'],
    subjects: ['bare'],
    run: async (stage, add) => {
      await stage.newChat()
      for (let place = 0; place < manyTurns / 2; place++) {
        const { question, answer } = turn(place)
        await stage.workbench.helper.execute('bare.fill', `\n> ${question}\n${answer}`)
      }
      await many(stage, add)
    },
  },
  {
    figures: ['heap many', 'typing many', 'request many', ...sizes.flatMap((size) => [`open ${size}`, `rest ${size}`])],
    subjects: ['panelist'],
    run: async (stage, add) => {
      await open(stage, 200) // what a first opening loads is not what a long one costs
      for (const size of [...sizes.filter((size) => size !== manyTurns), manyTurns]) {
        for (let time = 0; time < opensEach; time++) {
          const { click, painted, settled } = await open(stage, size)
          add(`open ${size}`, painted - click)
          add(`rest ${size}`, settled - click)
        }
      }
      await many(stage, add)
    },
  },
  {
    figures: ['activation'],
    subjects: both,
    run: async (stage, add) => add('activation', await activation(stage)),
  },
]

type Add = (figure: string, ...samples: number[]) => void

const short = (stage: Stage): Promise<Streamed> => stage.stream({ kind: 'short', rate: 0, delayMs: 200 })

async function long(stage: Stage, rate: number): Promise<Streamed> {
  await stage.newChat()
  return stage.stream({ kind: 'long', rate, delayMs: 300 })
}

function addShort(add: Add, request: string, { sent, seen }: Streamed): void {
  add(request, sent.request - seen.enter)
  if (request === 'request') add('first paint', seen.painted - sent.first)
}

function addLong(add: Add, kind: string, { sent, seen, hostCpu, webviewCpu }: Streamed): void {
  add(`${kind} settled`, seen.settled - sent.last)
  add(`${kind} long`, seen.longMs)
  add(`${kind} host`, hostCpu)
  add(`${kind} webview`, webviewCpu)
}

async function stop(stage: Stage, add: Add): Promise<void> {
  await stage.newChat()
  const { ended } = await stage.begin(100)
  add('typing streaming', p95(await stage.type(30)))
  await stage.frame.evaluate('bench.arm()')
  await stage.frame.click(stage.subject.stop)
  const { closed } = await within(15_000, ended)
  add('stop', closed - (await stage.frame.evaluate<number>('bench.clicked()')))
}

/** The figures of a conversation that is long already. Memory first: the answers add to it. */
async function many(stage: Stage, add: Add): Promise<void> {
  await pause(1_000)
  add('heap many', await stage.heap())
  add('typing many', p95(await stage.type(40)))
  for (let time = 0; time < 3; time++) addShort(add, 'request many', await short(stage))
}

/** Opens a seeded conversation from the list, from another one that is shown. */
async function open(stage: Stage, messages: number): Promise<Seen> {
  await stage.newChat()
  await stage.workbench.helper.execute('panelist.showHistory')
  const row = stage.frame.locator(`[data-conversation="${conversationOf(messages)}"] .open`)
  await row.waitFor()
  await pause(500)
  const end = endOf(messages)
  await stage.frame.evaluate(`bench.start('${end}', '${end}')`)
  await row.click()
  return stage.settled()
}

/** Milliseconds to load and activate the extension, as "Developer: Startup Performance" has them. */
async function activation(stage: Stage): Promise<number> {
  const { helper } = stage.workbench
  await helper.execute('perfview.show')
  for (const deadline = Date.now() + 15_000; Date.now() < deadline; await pause(250)) {
    const text = await helper.document('perf')
    const row = text?.split('\n').find((line) => line.includes(`| ${stage.subject.extension} `))
    if (!row) continue
    // | extension | eager | load code | call activate | finish activate | event | by |
    const [load, call, finish] = row.split('|').slice(3, 6).map(Number)
    return (load ?? NaN) + (call ?? NaN) + (finish ?? NaN)
  }
  throw new Error(`“Startup Performance” does not list ${stage.subject.extension}.`)
}
