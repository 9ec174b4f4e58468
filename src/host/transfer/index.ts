/** Exports and imports, loaded when the first of them is asked for. */
import type { Conversation, ConversationId } from '../../shared/conversation.ts'
import { conversationMarkdown } from '../../shared/markdown-export.ts'
import { moment } from '../../shared/transcript.ts'
import type { Store } from '../../store/store.ts'
import { BadFile } from '../../store/transfer/bad-file.ts'
import { exportPieces } from '../../store/transfer/export.ts'
import type { ExportCount, Piece } from '../../store/transfer/export.ts'
import { importChats } from '../../store/transfer/import.ts'
import type { Report } from '../../store/transfer/report.ts'
import { hasDetails, headline, reportMarkdown } from '../../store/transfer/report.ts'
import type { FileKind, Source, Target, TransferDesk, Working } from './desk.ts'
import { pagePieces } from './page.ts'

export * as files from './files.ts'

export type TransferParts = {
  store(): Store
  desk: TransferDesk
  /** The program and its version, for the file. */
  by: string
  /** Every key there is: none of them may be in an export, whoever wrote it into a chat. */
  secrets(): Promise<string[]>
  /** Conversations came. */
  changed(): void
  /** A line without anything of what was exported or imported. */
  log(line: string): void
}

const MARKDOWN: FileKind = { label: 'Markdown', endings: ['md'] }
const PAGE: FileKind = { label: 'Web page', endings: ['html', 'htm'] }
const JSON_KIND: FileKind = { label: 'JSON, complete', endings: ['json'] }
const OPEN = 'Open'
const SHOW_CHATS = 'Show Chats'
const SHOW_REPORT = 'Show Report'

/** To a file that the person chooses, in the format that its ending tells. */
export async function exportConversation(parts: TransferParts, id: ConversationId | undefined): Promise<void> {
  const { desk, store } = parts
  const conversation = id === undefined ? undefined : store().conversations.get(id)
  if (!conversation || conversation.leaf === undefined) {
    await desk.say('info', 'There is nothing to export yet: this chat is empty.', [])
    return
  }
  const name = fileName(conversation.title)
  const target = await desk.saveTo('Export Chat', `${name}.md`, [MARKDOWN, PAGE, JSON_KIND])
  if (!target) return
  await writing(parts, target, `Exporting “${conversation.title}”`, () => piecesOf(parts, conversation, target.name))
}

export async function exportAll(parts: TransferParts): Promise<void> {
  const { desk, store } = parts
  if (store().bulk.ids().length === 0) {
    await desk.say('info', 'There are no chats to export yet.', [])
    return
  }
  const target = await desk.saveTo('Export All Chats', `panelist-${moment(Date.now()).slice(0, 10)}.json`, [JSON_KIND])
  if (!target) return
  await writing(parts, target, 'Exporting all chats', () => exportPieces(store(), { now: Date.now(), by: parts.by }))
}

export async function importConversations(parts: TransferParts): Promise<void> {
  const sources = await parts.desk.openFrom('Import Chats', [{ label: 'Exports of chats', endings: ['json'] }])
  const told: Promise<void>[] = []
  // Nobody has to answer for one file before the next is read.
  for (const source of sources ?? []) told.push((await importOne(parts, source))())
  await Promise.all(told)
}

type Pieces = Generator<Piece, ExportCount | undefined>

function piecesOf({ store, by }: TransferParts, conversation: Conversation, name: string): Pieces {
  const { id, title, leaf } = conversation
  if (name.endsWith('.json')) return exportPieces(store(), { conversation: id, now: Date.now(), by })
  const branch = store().messages.branch(id, leaf!)
  if (/\.html?$/.test(name)) {
    const bytes = (hash: string) => store().blobs.get(hash)?.bytes
    return plain(pagePieces({ title, branch, bytes, now: Date.now() }))
  }
  return plain([conversationMarkdown(title, branch)])
}

function* plain(pieces: Iterable<string>): Pieces {
  for (const text of pieces) yield { text, done: 0 }
  return undefined
}

async function writing(parts: TransferParts, target: Target, title: string, begin: () => Pieces): Promise<void> {
  const { desk, log, secrets } = parts
  try {
    const hidden = withoutSecrets(await secrets())
    const count = await desk.working(title, (working) => write(target, begin(), hidden, working))
    log(`exported ${count ? `${count.conversations} chats, ${count.messages} messages` : 'a chat'}`)
    const missing = count?.missing
      ? ` ${count.missing} ${count.missing === 1 ? 'attachment is' : 'attachments are'} named in it without content: the database lost it.`
      : ''
    if ((await desk.say('info', `Exported to ${target.name}.${missing}`, [OPEN])) === OPEN) await target.open()
  } catch (error) {
    if (isAbort(error)) return
    await desk.say('error', `The export could not be written: ${messageOf(error)}`, [])
  }
}

async function write(
  target: Target,
  pieces: Pieces,
  hidden: (text: string) => string,
  { signal, progress }: Working,
): Promise<ExportCount | undefined> {
  let count: ExportCount | undefined
  function* texts(): Generator<string> {
    for (;;) {
      const next = pieces.next()
      if (next.done) {
        count = next.value
        return
      }
      progress(next.value.done)
      yield hidden(next.value.text)
    }
  }
  await target.write(texts(), signal)
  return count
}

/** Gives what tells the person how it went. */
async function importOne(parts: TransferParts, source: Source): Promise<() => Promise<void>> {
  const { desk, log } = parts
  try {
    const report = await desk.working(`Importing ${source.name}`, (working) => read(parts.store(), source, working))
    log(`imported ${report.conversations} chats, ${report.messages} messages (${report.kind})`)
    parts.changed()
    return () => tell(desk, source.name, report)
  } catch (error) {
    const why = error instanceof BadFile ? error.message : `${messageOf(error)}.`
    return async () => {
      if (isAbort(error)) await desk.say('info', `The import of ${source.name} was stopped. Nothing was changed.`, [])
      else await desk.say('error', `${source.name} was not imported, and nothing was changed. ${why}`, [])
    }
  }
}

async function read(store: Store, source: Source, { signal, progress }: Working): Promise<Report> {
  const { size = 0 } = source
  return importChats(store, source.read(), {
    signal,
    progress: (bytes) => progress(size > 0 ? bytes / size : 0),
    find: (id) => source.find(id),
  })
}

async function tell(desk: TransferDesk, file: string, report: Report): Promise<void> {
  const buttons = hasDetails(report) ? [SHOW_CHATS, SHOW_REPORT] : [SHOW_CHATS]
  const more = hasDetails(report) ? ' Not everything could be taken as it was: see the report.' : ''
  const pressed = await desk.say('info', `${headline(report)}${more}`, buttons)
  if (pressed === SHOW_CHATS) await desk.showChats()
  if (pressed === SHOW_REPORT) await desk.showMarkdown(reportMarkdown(file, report))
}

/** Shorter values could be words. */
const SHORTEST_SECRET = 8

function withoutSecrets(secrets: readonly string[]): (text: string) => string {
  const spelled = secrets
    .filter((one) => one.length >= SHORTEST_SECRET)
    .flatMap((one) => [one, JSON.stringify(one).slice(1, -1)])
  // The longest first: one may be the beginning of another.
  const values = [...new Set(spelled)].sort((a, b) => b.length - a.length)
  return (text) => values.reduce((clean, value) => clean.replaceAll(value, '[key removed]'), text)
}

const LONGEST_NAME = 80

/** A title as the name of a file that every system takes. */
function fileName(title: string): string {
  const name = title
    .replace(/[\u0000-\u001f<>:"/\\|?*]+/g, ' ')
    .replace(/\s+/g, ' ')
    .slice(0, LONGEST_NAME)
    .toWellFormed()
    .replace(/^[. ]+|[. ]+$/g, '')
  return name && !/^(?:con|prn|aux|nul|com\d|lpt\d)$/i.test(name) ? name : 'Chat'
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError'

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
