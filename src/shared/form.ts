/** Forms that a server wants filled in, for whoever draws one and whoever checks what was typed. */

export type FormChoice = { label: string; value: string }

/** `date-time` is typed without a zone and means the person's own. */
export type TextFormat = 'email' | 'uri' | 'date' | 'date-time'

/** Lengths in characters, `fewest` and `most` in choices; what is absent has no bound. `usual`: what stands there first. */
export type FormField = { name: string; title: string; description: string; required: boolean } & (
  | { kind: 'text'; usual?: string; shortest?: number; longest?: number; format?: TextFormat }
  | { kind: 'number'; usual?: string; least?: number; most?: number; whole?: true }
  | { kind: 'boolean'; usual?: boolean }
  | { kind: 'one'; choices: FormChoice[]; usual?: string }
  | { kind: 'many'; choices: FormChoice[]; usual?: string[]; fewest?: number; most?: number }
)

/** What stands in a field: typed words (also of a number), a tick, the value of a choice, or those of several. */
export type FormEntry = string | boolean | string[]
/** By the names of the fields. */
export type FormEntries = Record<string, FormEntry>

export type FormValue = string | number | boolean | string[]

/** What stands in a field before anybody touched it. */
export function firstEntry(field: FormField): FormEntry {
  if (field.kind === 'boolean') return field.usual ?? false
  if (field.kind === 'many') return field.usual ?? []
  return field.usual ?? ''
}

/** Why this cannot be sent, in a sentence; undefined where it can. What is absent is as it first stood. */
export function objectionTo(field: FormField, entry: FormEntry = firstEntry(field)): string | undefined {
  switch (field.kind) {
    case 'boolean':
      return typeof entry === 'boolean' ? undefined : 'Say yes or no.'
    case 'many':
      return objectionToSeveral(field, entry)
    case 'one':
      if (entry === '') return field.required ? 'Choose one.' : undefined
      return field.choices.some(({ value }) => value === entry) ? undefined : 'Choose one of those offered.'
    default:
      return typeof entry === 'string' ? objectionToTyped(field, entry) : 'Type an answer.'
  }
}

/** Undefined for an answer that was left out. `entry` is one that nothing is objected to. */
export function valueOf(field: FormField, entry: FormEntry = firstEntry(field)): FormValue | undefined {
  if (typeof entry === 'boolean') return entry
  if (typeof entry !== 'string') return entry.length > 0 || field.required ? entry : undefined
  if (entry === '') return undefined
  if (field.kind === 'number') return Number(entry)
  return field.kind === 'text' && field.format === 'date-time' ? new Date(entry).toISOString() : entry
}

type Several = Extract<FormField, { kind: 'many' }>
type Typed = Extract<FormField, { kind: 'text' | 'number' }>

function objectionToSeveral({ choices, required, fewest = 0, most = Infinity }: Several, entry: FormEntry) {
  if (!Array.isArray(entry)) return 'Choose some.'
  if (entry.some((one) => !choices.some(({ value }) => value === one))) return 'Choose of those offered.'
  if (entry.length === 0 && !required) return undefined
  if (entry.length < Math.max(fewest, required ? 1 : 0)) return `Choose at least ${Math.max(fewest, 1)}.`
  return entry.length > most ? `Choose at most ${most}.` : undefined
}

function objectionToTyped(field: Typed, typed: string): string | undefined {
  if (typed === '') return field.required ? 'The server wants an answer.' : undefined
  return field.kind === 'number' ? objectionToNumber(field, typed) : objectionToText(field, typed)
}

function objectionToNumber(
  { whole, least = -Infinity, most = Infinity }: Extract<Typed, { kind: 'number' }>,
  typed: string,
) {
  const value = Number(typed)
  if (typed.trim() === '' || !Number.isFinite(value)) return 'Give a number.'
  if (whole && !Number.isInteger(value)) return 'Give a whole number.'
  if (value < least) return `At least ${least}.`
  return value > most ? `At most ${most}.` : undefined
}

function objectionToText(
  { shortest = 0, longest = Infinity, format }: Extract<Typed, { kind: 'text' }>,
  typed: string,
) {
  const length = [...typed].length
  if (length < shortest) return `At least ${shortest} characters: it has ${length}.`
  if (length > longest) return `At most ${longest} characters: it has ${length}.`
  switch (format) {
    case 'email':
      return /^[^\s@]+@[^\s@]+$/.test(typed) ? undefined : 'Give an e-mail address.'
    case 'uri':
      return URL.canParse(typed) ? undefined : 'Give an address with its scheme, like https://host.example.'
    case 'date':
      return isDay(typed) ? undefined : 'Give a date like 2026-01-31.'
    case 'date-time':
      return isTime(typed) ? undefined : 'Give a date and a time like 2026-01-31 14:30.'
    default:
      return undefined
  }
}

/** A day of the calendar: `Date` takes the 31st of February for one in March. */
function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

function isTime(text: string): boolean {
  const [, day = ''] = /^(\d{4}-\d\d-\d\d)[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/i.exec(text) ?? []
  return isDay(day) && !Number.isNaN(Date.parse(text))
}
