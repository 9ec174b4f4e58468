/** A host with stubborn servers, to be killed: prints the ids of all their processes as one line. */
import { setTimeout as pause } from 'node:timers/promises'
import { configured, context, desk, misbehaving, node, packaged, toolOf, processesOf } from './support.ts'

const open = await desk([
  configured('stubborn', node(misbehaving('stubborn'))),
  configured('memory', node(packaged('memory'))),
])
await open.servers.start()
const outcome = await toolOf(open.servers, 'pids').run({}, context())
const pids = JSON.parse((outcome.output[0] as { text: string }).text) as number[]
console.log(JSON.stringify([...pids, ...processesOf('server-memory')]))
await pause(600_000)
