/** Asks the person and the model far more often than anybody should. */
import { ask, serve, text, tool } from './speak.ts'

serve({
  'tools/list': () => ({ tools: [tool('sample'), tool('elicit'), tool('elicit-once')] }),
  'tools/call': async ({ name }) => {
    let refused = 0
    for (let time = 0; time < (name === 'elicit-once' ? 1 : 50); time += 1) {
      const messages = [{ role: 'user', content: { type: 'text', text: 'again' } }]
      const answer =
        name === 'sample'
          ? await ask('sampling/createMessage', { messages, maxTokens: 10 })
          : await ask('elicitation/create', {
              message: 'Who?',
              requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
            })
      if (answer.error) refused += 1
    }
    return text(`${refused} refused`)
  },
})
