/** A window as a process of its own: `node mortal-window.ts <database> <origin>` asks once, of Anthropic at that origin, and stays. */
import { createProvider } from '../../src/llm/index.ts'
import { chosen, FakePage, FakeWindow } from '../host/fakes.ts'

const [path = '', baseUrl = ''] = process.argv.slice(2)
const window = new FakeWindow({
  path,
  connect: (provider) =>
    Promise.resolve({
      info: { id: provider, label: provider, dialect: 'anthropic', defaultBaseUrl: '' },
      provider: createProvider('anthropic', { baseUrl, apiKey: 'sk-canary-0123456789' }),
      status: 'set',
      keyProfile: 'own',
      paidBy: 'key',
    }),
  choose: () => Promise.resolve({ ...chosen, keyProfile: 'own' }),
})
const page = new FakePage(window)
await page.ready()
await page.say('Hello')
console.log(page.session.conversation)
setInterval(() => undefined, 1_000)
