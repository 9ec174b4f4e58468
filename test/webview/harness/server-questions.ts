/** One question of each kind that MCP servers ask. */
import type { FormField } from '../../../src/shared/form.ts'
import type { QuestionBody, QuestionView } from '../../../src/shared/protocol.ts'

const field = (name: string, title: string, more: object): FormField =>
  ({ name, title, description: '', required: false, ...more }) as FormField

const choices = ['bug', 'feature', 'question'].map((value) => ({
  label: value[0]!.toUpperCase() + value.slice(1),
  value,
}))

const fields = (): FormField[] => [
  field('title', 'Title', { kind: 'text', required: true, shortest: 3, longest: 80, description: 'Of the new issue.' }),
  field('details', 'Details', { kind: 'text', longest: 4000 }),
  field('email', 'Who is told', { kind: 'text', format: 'email', usual: 'ada@host.example' }),
  field('due', 'Due', { kind: 'text', format: 'date' }),
  field('weight', 'Weight', { kind: 'number', whole: true, least: 0, most: 100 }),
  field('kind', 'Kind', { kind: 'one', choices, required: true }),
  field('labels', 'Labels', { kind: 'many', choices, usual: ['feature'], most: 2 }),
  field('private', 'Only for members', { kind: 'boolean', usual: true, description: 'Nobody else sees it.' }),
]

const question = (id: string, body: QuestionBody, more: Partial<QuestionView> = {}): QuestionView => ({
  id,
  server: 'github',
  body,
  ...more,
})

export const serverQuestions = {
  /** In the card of `t1` where that runs. */
  form: (more: Partial<QuestionView> = {}): QuestionView =>
    question(
      'q1',
      { kind: 'form', message: 'A few facts about the issue.\nThey are public.', fields: fields() },
      { conversation: 'c1', call: 't1', ...more },
    ),
  page: (): QuestionView =>
    question('q2', {
      kind: 'page',
      message: 'Sign the agreement of contributors.',
      host: 'sign.host.example',
      address: 'https://sign.host.example/agreement?contributor=ada&return=panelist',
    }),
  sample: (): QuestionView =>
    question('q3', {
      kind: 'sample',
      model: 'Claude Sonnet 4.5',
      provider: 'Anthropic',
      input: 1234,
      output: 500,
      cost: 0.0112,
      system: 'Answer in one sentence.',
      stops: ['\n\n'],
      messages: [
        { role: 'user', text: 'What is a ring buffer?', files: 0 },
        { role: 'assistant', text: 'A queue of fixed size.', files: 0 },
        { role: 'user', text: 'And what is this a picture of?', files: 1 },
      ],
    }),
  sampled: (): QuestionView =>
    question('q4', { kind: 'sampled', model: 'Claude Sonnet 4.5', text: 'It is a ring.', cost: 0.0042, cut: 'stop' }),
}
