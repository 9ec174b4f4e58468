/** Looks for a text wherever a browser, VS Code and Panelist could have left it, and makes sure that it looked. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Frame, Page } from 'playwright-core'

/** What a window sends and shows, as far as it holds the secret or one of the words that prove that somebody listens. */
export class Watch {
  readonly secret: string
  readonly #heard: RegExp
  /** Messages between windows and frames, as JSON. */
  readonly messages: string[] = []
  /** Address, headers and body of each request of the browser. */
  readonly requests: { origin: string; text: string }[] = []

  /** `words` are letters, digits and spaces. */
  constructor(secret: string, words: readonly string[]) {
    this.secret = secret
    this.#heard = new RegExp([secret, ...words].join('|'))
  }

  /** Records messages in every frame, and requests, before any script of the page runs. */
  readonly prepare = async (page: Page): Promise<void> => {
    await page.exposeFunction('canaryTraffic', (text: string) => void this.messages.push(text))
    await page.addInitScript({ content: recordMessages(this.#heard) })
    page.on('request', (request) => {
      const text = [request.url(), JSON.stringify(request.headers()), request.postData() ?? ''].join(' ')
      this.requests.push({ origin: new URL(request.url()).origin, text })
    })
  };

  /** Where these texts hold the secret: each once, with what stands around it. */
  in(texts: readonly string[]): string[] {
    return texts.flatMap((text) => {
      const at = text.indexOf(this.secret)
      return at < 0 ? [] : [text.slice(Math.max(0, at - 200), at + 200)]
    })
  }
}

/**
 * Runs in every frame before its scripts. It listens wherever somebody else begins to, because VS Code writes the
 * document of a webview anew, which takes listeners away and leaves functions as they are. Only what the test asks for
 * is kept: the editor sends itself thousands of messages.
 */
const recordMessages = (heard: RegExp): string => `
  const record = ({ data }) => {
    try {
      const text = JSON.stringify(data)
      if (${heard}.test(text)) window.canaryTraffic(text)
    } catch {} // no JSON: a port or a buffer
  }
  const add = EventTarget.prototype.addEventListener
  EventTarget.prototype.addEventListener = function (type, ...rest) {
    if (type === 'message') add.call(this, type, record, true)
    return add.call(this, type, ...rest)
  }`

/** A frame's markup with what its fields hold. Frames that are going away are empty. */
export function documentOf(frame: Frame): Promise<string> {
  const script = `[document.documentElement.outerHTML,
    ...[...document.querySelectorAll('input, textarea')].map(({ value }) => value)].join('\\n')`
  return frame.evaluate<string>(script).catch(() => '')
}

/** Everything the browser keeps for a page, as text. */
export const storageOf = (page: Page): Promise<string> => page.evaluate<string>(browserStorage)

const browserStorage = `(async () => {
  const kept = [{ ...localStorage }, { ...sessionStorage }, document.cookie]
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name))
    for (const store of database.objectStoreNames) {
      const objects = database.transaction(store).objectStore(store)
      kept.push(await done(objects.getAllKeys()), await done(objects.getAll()))
    }
    database.close()
  }
  return JSON.stringify(kept)
})()`

/** The files below `folder` that hold these bytes. What is removed while it looks holds nothing. */
export function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => bytesOf(file).includes(text))
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}
