/**
 * A provider on loopback that answers with exact pacing and keeps the time of what happens. In a thread of its own, so
 * that whoever measures does not disturb it.
 */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'
import { Clock } from './clock.ts'
import type { FromProvider, Plan, Record, ToProvider } from './provider.ts'
import { deltasOf } from './text.ts'
import { closing, delta, modelList, opening } from './wire.ts'

const clock = new Clock()
let plan: Plan | undefined
const tell = (message: FromProvider): void => parentPort?.postMessage(message)

parentPort?.on('message', (message: ToProvider) => {
  clock.calibrate()
  plan = message
  tell({ type: 'planned' })
})

async function answer(response: ServerResponse, { tag, kind, rate, delayMs }: Plan): Promise<void> {
  const record: Record = { tag, request: clock.now(), first: 0, last: 0, closed: 0, whole: false }
  let closed = false
  let wake: (() => void) | undefined
  response.on('close', () => {
    closed = true
    record.closed = clock.now()
    record.whole = response.writableFinished
    wake?.()
    tell({ type: 'closed', record })
  })
  const deltas = deltasOf(kind, tag)
  const write = async (text: string): Promise<void> => {
    record.last = clock.now()
    record.first ||= record.last
    if (response.write(delta(text))) return
    await new Promise<void>((resolve) => {
      wake = resolve
      response.once('drain', resolve)
    })
  }
  await pause(delayMs)
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  response.write(opening('bench'))
  const start = clock.now()
  for (let place = 0; place < deltas.length && !closed;) {
    const due = rate === 0 ? deltas.length : 1 + Math.floor(((clock.now() - start) * rate) / 1000)
    while (place < Math.min(due, deltas.length) && !closed) await write(deltas[place++] ?? '')
    if (place < deltas.length) await pause(Math.max(1, start + (place * 1000) / rate - clock.now()))
  }
  if (!closed) response.end(closing(deltas.length))
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.socket.setNoDelay(true)
  for await (const _ of request);
  const isQuestion = request.method === 'POST' && request.url === '/v1/messages'
  if (isQuestion && plan) return answer(response, plan)
  response.writeHead(request.method === 'GET' ? 200 : 404, { 'content-type': 'application/json' })
  response.end(JSON.stringify(modelList))
}

const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()))
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address && typeof address === 'object') tell({ type: 'listening', port: address.port })
})
