/** Asks the person and the model far more often than anybody should. */
import { ask, serve, text, tool } from './speak.ts'

const messages = [{ role: 'user', content: { type: 'text', text: 'again' } }]
const sample = () => ask('sampling/createMessage', { messages, maxTokens: 10 })

serve({
  'tools/list': () => ({ tools: [tool('sample'), tool('sample-at-once'), tool('elicit'), tool('elicit-once')] }),
  'tools/call': async ({ name }) => {
    if (name === 'sample-at-once') {
      const answers = await Promise.all(Array.from({ length: 50 }, () => sample()))
      return text(`${answers.filter(({ error }) => error).length} refused`)
    }
    let refused = 0
    for (let time = 0; time < (name === 'elicit-once' ? 1 : 50); time += 1) {
      const answer =
        name === 'sample'
          ? await sample()
          : await ask('elicitation/create', {
              message: 'Who?',
              requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
            })
      if (answer.error) refused += 1
    }
    return text(`${refused} refused`)
  },
})
