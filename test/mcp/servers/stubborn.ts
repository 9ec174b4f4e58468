/** Does not end when its input does nor at SIGTERM, and has children of the same kind: one in its group, one not. */
import { spawn } from 'node:child_process'
import { serve, text, tool } from './speak.ts'

for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => {})
setInterval(() => {}, 1000)
const stay = "for (const s of ['SIGTERM','SIGINT','SIGHUP']) process.on(s, () => {}); setInterval(() => {}, 1000)"
const children = [true, false].map((detached) => spawn(process.execPath, ['-e', stay], { stdio: 'ignore', detached }))
serve({
  'tools/list': () => ({ tools: [tool('pids')] }),
  'tools/call': () => text(JSON.stringify([process.pid, ...children.map(({ pid }) => pid)])),
})
