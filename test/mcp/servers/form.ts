/** Asks the person for a name, and loses patience in several ways. */
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

const tools: Record<string, () => unknown> = {
  ask: asked,
  'ask-with-default': async () =>
    text(JSON.stringify(await ask('elicitation/create', { message: 'Your nickname?', requestedSchema: nickname }))),
  wait: () => new Promise(() => undefined),
  'ask-later': () => {
    setTimeout(() => void asked(), 100)
    return text('soon')
  },
  'ask-and-withdraw': async () => {
    send({ id: 'mine', method: 'elicitation/create', params: wish })
    await new Promise((resolve) => setTimeout(resolve, 300))
    notify('notifications/cancelled', { requestId: 'mine' })
    return text('withdrawn')
  },
  'ask-and-crash': () => {
    void asked()
    setTimeout(() => process.exit(3), 300)
  },
}

serve({
  'tools/list': () => ({ tools: Object.keys(tools).map((name) => tool(name)) }),
  'tools/call': ({ name }) => tools[String(name)]?.(),
})
