/** The least of a server over standard streams, for servers that misbehave in one way each. */
import { createInterface } from 'node:readline'

type Message = { id?: number; method?: string; params?: Record<string, unknown>; result?: unknown; error?: unknown }
type Handler = (params: Record<string, unknown>) => unknown

export const text = (words: string): unknown => ({ content: [{ type: 'text', text: words }] })

export function send(message: object): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
}

export const notify = (method: string, params: object = {}): void => send({ method, params })

const waiting = new Map<number, (answer: Message) => void>()

/** Asks the client; settles with its whole answer, also with an error. */
export function ask(method: string, params: object): Promise<Message> {
  const id = 1000 + waiting.size
  return new Promise((resolve) => {
    waiting.set(id, resolve)
    send({ id, method, params })
  })
}

export const tool = (name: string, more: object = {}): object => ({ name, inputSchema: { type: 'object' }, ...more })

/** Answers requests by `handlers`; what they give nothing for is never answered. */
export function serve(handlers: Record<string, Handler>): void {
  const all: Record<string, Handler> = {
    initialize: (params) => ({
      protocolVersion: params.protocolVersion,
      capabilities: { tools: { listChanged: true } },
      serverInfo: { name: 'misbehaving', version: '1' },
    }),
    ...handlers,
  }
  createInterface({ input: process.stdin }).on('line', async (line) => {
    const message = JSON.parse(line) as Message
    if (message.method === undefined) return waiting.get(message.id ?? -1)?.(message)
    const result = await all[message.method]?.(message.params ?? {})
    if (message.id !== undefined && result !== undefined) send({ id: message.id, result })
  })
}
