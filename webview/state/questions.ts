/** What MCP servers ask, as the panel places and words it. */
import type { FormEntries, FormField } from '../../src/shared/form.ts'
import { firstEntry, objectionTo } from '../../src/shared/form.ts'
import type { QuestionAnswer, QuestionView } from '../../src/shared/protocol.ts'
import type { Panel } from './panel.svelte.ts'

/** Those that stand in the card of this call of the running answer. */
export function questionsAt(panel: Panel, answer: string, call: string): QuestionView[] {
  const { view, questions } = panel.conversation
  if (view?.running !== answer) return []
  return questions.filter((question) => question.call === call && question.conversation === view.id)
}

/** Those that no card of this conversation shows. */
export function questionsApart({ conversation }: Panel): QuestionView[] {
  return conversation.questions.filter((question) => !hasCard(conversation, question))
}

/** The call in whose card the first question stands that has one. */
export function callThatAsks({ conversation }: Panel): QuestionView | undefined {
  return conversation.questions.find((question) => hasCard(conversation, question))
}

function hasCard({ view, calls }: Panel['conversation'], { conversation, call }: QuestionView): boolean {
  const { running } = view ?? {}
  if (call === undefined || running === undefined || conversation !== view?.id) return false
  return calls.of(running, call) !== undefined
}

type Words = { title: string; accept: string; decline: string; cancel?: string }

export function wordsOf({ server, body }: QuestionView): Words {
  switch (body.kind) {
    case 'form':
      return { title: `${server} asks you`, accept: 'Submit', decline: 'Decline', cancel: 'Cancel' }
    case 'page':
      return { title: `${server} asks you to open a page`, accept: 'Open page', decline: 'Decline', cancel: 'Cancel' }
    case 'sample':
      return { title: `${server} wants to ask a model, at your cost`, accept: 'Allow once', decline: 'Deny' }
    case 'sampled':
      return { title: `${server} gets this answer if you send it`, accept: 'Send', decline: 'Don’t send' }
  }
}

/** What Cancel tells the server, and what Decline does, for whoever wonders. */
export const TITLES: Record<QuestionAnswer['action'], string> = {
  accept: '',
  decline: 'Tells the server that you do not want to',
  cancel: 'Tells the server that you gave no answer',
}

/** What a field takes, where it says. */
export function hintOf(field: FormField): string {
  if (field.kind === 'number') {
    const { least, most, whole } = field
    const kind = whole ? 'A whole number' : 'A number'
    if (least !== undefined && most !== undefined) return `${kind} from ${least} to ${most}`
    return least !== undefined
      ? `${kind} of at least ${least}`
      : most !== undefined
        ? `${kind} of at most ${most}`
        : kind
  }
  if (field.kind === 'many') return span(field.fewest, field.most, 'choices')
  if (field.kind !== 'text') return ''
  const looks = field.format ? LOOKS[field.format] : ''
  return [looks, span(field.shortest, field.longest, 'characters')].filter(Boolean).join('. ')
}

const LOOKS = {
  email: 'An e-mail address',
  uri: 'An address, like https://host.example',
  date: 'A date, like 2026-01-31',
  'date-time': 'A date and a time, like 2026-01-31 14:30',
} as const

function span(least: number | undefined, most: number | undefined, what: string): string {
  if (least && most !== undefined) return `${least} to ${most} ${what}`
  if (least) return `At least ${least} ${what}`
  return most === undefined ? '' : `At most ${most} ${what}`
}

/** What stands in the fields of a form: what was kept of it, else what stands there first. Names are a server's. */
export function entriesOf(fields: readonly FormField[], kept: FormEntries = {}): FormEntries {
  return Object.fromEntries(
    fields.map((field) => {
      const own = Object.hasOwn(kept, field.name) ? kept[field.name] : undefined
      return [field.name, own ?? firstEntry(field)]
    }),
  )
}

/** The fields that cannot be sent so, by name and why, in their order. */
export function objectionsOf(fields: readonly FormField[], entries: FormEntries): [name: string, why: string][] {
  return fields.flatMap((field): [string, string][] => {
    const objection = objectionTo(field, entries[field.name])
    return objection === undefined ? [] : [[field.name, objection]]
  })
}
