/**
 * HTML as something to read. A bundle of its own, loaded when the first page is fetched, and again in a thread of its
 * own for each page: a page can be made so that reading it takes for ever.
 */
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { markdownOf } from './markdown.ts'

/** `page`: tells the thread that it is one. */
type Task = { page: true; html: string; base: string }

/** Milliseconds a page may take. */
const LONGEST_MS = 4_000

/** Markdown, or the bare words where that takes too long or goes too deep. Rejects only when `signal` is aborted. */
export async function readable(html: string, base: string, signal: AbortSignal): Promise<string> {
  const task: Task = { page: true, html, base }
  // This very file, as it is bundled.
  const thread = new Worker(import.meta.filename, {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: 512 },
    stdout: true,
    stderr: true,
  })
  try {
    return await new Promise<string>((resolve, reject) => {
      const late = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)])
      late.addEventListener('abort', () => reject(late.reason), { once: true })
      thread.once('message', resolve)
      thread.once('error', reject)
      thread.once('exit', () => reject(new Error('The thread gave nothing.')))
    })
  } catch {
    signal.throwIfAborted()
    return bareWords(html)
  } finally {
    void thread.terminate()
  }
}

/** What is between tags, in one pass. */
export function bareWords(html: string): string {
  const words: string[] = []
  let unread: string | undefined
  for (const [index, piece] of html.split('<').entries()) {
    const name = /^\/?[a-z][a-z0-9]*/i.exec(piece)?.[0].toLowerCase() ?? ''
    if (unread !== undefined && name !== `/${unread}`) continue
    unread = /^(script|style|template|noscript)$/.test(name) ? name : undefined
    if (unread !== undefined) continue
    words.push(
      index === 0 ? piece : name === '' && !/^[!/?]/.test(piece) ? `<${piece}` : piece.slice(piece.indexOf('>') + 1),
    )
  }
  const lines = words.join(' ').split('\n')
  return lines
    .map((line) => line.split(/\s+/).filter(Boolean).join(' '))
    .filter(Boolean)
    .join('\n')
}

const task = workerData as Partial<Task> | null
if (parentPort && task?.page && task.html !== undefined) parentPort.postMessage(markdownOf(task.html, task.base ?? ''))
