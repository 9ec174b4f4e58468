/** Asks the person for a name, and loses patience in several ways. */
import { existsSync } from 'node:fs'
import { ask, notify, send, serve, text, tool } from './speak.ts'

const wish = {
  message: 'Who are you?',
  requestedSchema: {
    type: 'object',
    properties: { who: { type: 'string', title: 'Your name', minLength: 2 } },
    required: ['who'],
  },
}
const asked = async (): Promise<unknown> => text(JSON.stringify(await ask('elicitation/create', wish)))

const nickname = { type: 'object', properties: { nick: { type: 'string', default: 'Countess' } } }

/** What comes later comes once there is this file. */
async function exists(file: string): Promise<void> {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 10))
}

const tools: Record<string, (go: string) => unknown> = {
  ask: asked,
  'ask-with-default': async () =>
    text(JSON.stringify(await ask('elicitation/create', { message: 'Your nickname?', requestedSchema: nickname }))),
  wait: () => new Promise(() => undefined),
  'ask-later': (go) => {
    void exists(go).then(asked)
    return text('soon')
  },
  'ask-and-withdraw': async (go) => {
    send({ id: 'mine', method: 'elicitation/create', params: wish })
    await exists(go)
    notify('notifications/cancelled', { requestId: 'mine' })
    return text('withdrawn')
  },
  'ask-and-crash': (go) => {
    void asked()
    void exists(go).then(() => process.exit(3))
  },
}

serve({
  'tools/list': () => ({ tools: Object.keys(tools).map((name) => tool(name)) }),
  'tools/call': ({ name, arguments: given }) => tools[String(name)]?.(String((given as { go?: unknown })?.go)),
})
