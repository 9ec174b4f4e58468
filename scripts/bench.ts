/**
 * npm run bench                     three rounds, medians, about 12 minutes; the answer at 100 tokens/s in one of them
 * npm run bench -- --quick          one round, without that answer
 * npm run bench -- --rounds 5
 * npm run bench -- --only open      the lines that have this in their name, and what it takes to measure them
 * npm run bench -- --only store     the growth of the store alone, without an editor; about half a minute
 * npm run bench -- --profile        also CPU profiles of Panelist's host and page during a 24 KB answer
 *
 * Measures Panelist beside a bare webview in the same VS Code, in turns. Compare ratios, not milliseconds: the browser
 * draws without a GPU. Prints a table and writes out/bench.json. A line that is not met is marked and fails nothing.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { lines, rowOf } from '../test/bench/lines.ts'
import type { Line } from '../test/bench/lines.ts'
import { parts } from '../test/bench/parts.ts'
import type { Part } from '../test/bench/parts.ts'
import { writeProfiles } from '../test/bench/profiles.ts'
import { Provider } from '../test/bench/provider.ts'
import { describeMachine, machine, table } from '../test/bench/report.ts'
import { runSession } from '../test/bench/session.ts'
import { extensionsOf, subjects } from '../test/bench/subject.ts'
import type { Name } from '../test/bench/subject.ts'
import { root } from '../test/harness/environment.ts'
import { say, step } from './cache.mjs'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    only: { type: 'string', multiple: true, default: [] },
    profile: { type: 'boolean', default: false },
  },
})
const rounds = Number(options.rounds ?? (options.quick ? 1 : 3))
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds takes a whole number, not ${options.rounds}.`)
const wanted = lines.filter(
  ({ name }) =>
    options.only.length === 0 || options.only.some((text) => name.toLowerCase().includes(text.toLowerCase())),
)
if (wanted.length === 0) throw new Error(`No line has “${options.only.join('” or “')}” in its name.`)

const before = machine()
say(describeMachine(before))
const samples = { none: {}, bare: {}, panelist: {} }
const ofStore = wanted.filter(({ figure }) => figure.startsWith('store '))
if (ofStore.length > 0) {
  await step('the store', async () =>
    Object.assign(samples.panelist, (await import('../test/bench/store.ts')).measureStore()),
  )
}
const ofChats = wanted.filter(({ figure }) => figure.startsWith('chats '))
const order: Name[] = wanted.some(({ overEmpty }) => overEmpty) ? ['none', 'bare', 'panelist'] : ['bare', 'panelist']
const inEditor = ofStore.length < wanted.length || options.profile
const besides = ofStore.length + ofChats.length < wanted.length
if (inEditor) for (const name of order) await subjects[name].install(extensionsOf(name))
const provider = await Provider.start()
const failures: string[] = []
/** The load average before each session: where it is far above that of the others, so are its milliseconds. */
const loads: Record<string, number> = {}
for (let round = 1; besides && round <= rounds; round++) {
  for (const name of order) {
    const due = partsFor(name, wanted, round)
    const label = `round ${round} of ${rounds}: ${name}`
    const fail = (problem: string): void => {
      failures.push(`${label}: ${problem}`)
      say(problem)
    }
    loads[label] = machine().load
    const session = () => runSession(subjects[name], provider, due, samples[name], fail)
    await step(label, session).catch((error: unknown) => fail(String(error)))
    writeOutcome()
  }
}
if (ofChats.length > 0) {
  await step('ten thousand chats', async () =>
    (await import('../test/bench/chats.ts')).measureChats(subjects.panelist, provider, samples.panelist),
  ).catch((error: unknown) => failures.push(`chats: ${String(error)}`))
}
if (options.profile) await step('profiles', () => writeProfiles(provider))
await provider.stop()

const rows = wanted.map((line) => rowOf(line, samples))
const missed = rows.filter(({ met }) => met === false).length
const owed = rows.filter(({ met }) => met !== undefined).length
const note = `${describeMachine(before)}${besides ? `; load during the run ${Math.min(...Object.values(loads))} to ${Math.max(...Object.values(loads))}` : ''}; medians of ${rounds} round(s), in brackets the range of Panelist`
process.stdout.write(`\n${table(rows)}\n\n${note}\n${owed - missed} of ${owed} owed lines met.\n`)
for (const failure of failures) process.stdout.write(`not measured: ${failure}\n`)

writeOutcome()

/** After every session, so that a run which is broken off leaves what it has. */
function writeOutcome(): void {
  const rows = wanted.map((line) => rowOf(line, samples))
  const outcome = { at: new Date().toISOString(), rounds, machine: before, loads, failures, rows, samples }
  mkdirSync(path.join(root, 'out'), { recursive: true })
  writeFileSync(path.join(root, 'out', 'bench.json'), `${JSON.stringify(outcome, null, 2)}\n`)
}

/** The slow part runs in the first round of a whole run only, or where it is asked for by name. */
function partsFor(name: Name, due: readonly Line[], round: number): Part[] {
  const named = options.only.length > 0
  return parts.filter(
    ({ subjects: own, figures, slow }) =>
      own.includes(name) &&
      due.some(({ figure }) => figures.includes(figure)) &&
      (!slow || named || (round === 1 && !options.quick)),
  )
}
