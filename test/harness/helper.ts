/** The outside end of the helper extension: commands and settings of a VS Code that runs, see helper/extension.mjs. */
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Json } from '../../src/shared/json.ts'
import { START } from './browser.ts'
import { installFolder } from './unpacked.ts'

/** Adds the helper to an extensions folder. */
export const installHelper = (extensions: string): void =>
  installFolder(path.join(import.meta.dirname, 'helper'), extensions)

export class Helper {
  private readonly port: number

  constructor(port: number) {
    this.port = port
  }

  /** Runs a command by its id in the extension host and gives its result, once it has ended. */
  async execute(command: string, ...args: Json[]): Promise<Json | undefined> {
    const { result } = await this.send<{ result?: Json }>('POST', '/command', { command, args })
    return result
  }

  /** Changes user settings as the settings editor does; `undefined` removes one. */
  async changeSettings(changes: Record<string, Json | undefined>): Promise<void> {
    const values = Object.entries(changes).map(([name, value]): [string, Json] => [name, value ?? null])
    await this.send('POST', '/settings', Object.fromEntries(values))
  }

  /** The process id of the extension host that answers. With two windows that is the first one's. */
  async extensionHost(): Promise<number> {
    const { pid } = await this.send<{ pid: number }>('GET', '/pid')
    return pid
  }

  /** Memory of the extension host after a garbage collection, bytes. */
  memory(): Promise<NodeJS.MemoryUsage> {
    return this.send('GET', '/memory')
  }

  /** CPU time of the extension host since it started, seconds. */
  async cpu(): Promise<number> {
    const { user, system } = await this.send<NodeJS.CpuUsage>('GET', '/cpu')
    return (user + system) / 1e6
  }

  /** The text of the open document whose URI has this scheme, where there is one. */
  async document(scheme: string): Promise<string | undefined> {
    const { text } = await this.send<{ text?: string }>('POST', '/document', { scheme })
    return text
  }

  /** The path of the file in the editor that is in front, where there is one. */
  async inFront(): Promise<string | undefined> {
    const { path } = await this.send<{ path?: string }>('GET', '/in-front')
    return path
  }

  /** Has the window, and the workspace, remember these words as extensions have it remember things. */
  async remember(words: { window: string; workspace: string }): Promise<void> {
    await this.send('POST', '/remember', words)
  }

  /** Moves the clock of the extension host on, in milliseconds: what waits until then waits no longer. */
  async pass(ms: number): Promise<void> {
    await this.send('POST', '/pass', { ms })
  }

  /** Takes a CPU profile of the extension host while `work` runs: the content of a .cpuprofile file. */
  async profile(work: () => Promise<void>): Promise<Json> {
    await this.send('POST', '/profile', { run: true })
    await work()
    const { profile } = await this.send<{ profile: Json }>('POST', '/profile', { run: false })
    return profile
  }

  /** Waits for an extension host to be there: it comes after the window is drawn. */
  private async send<T>(method: string, route: string, body?: Json): Promise<T> {
    const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    for (const deadline = Date.now() + START; ;) {
      let response: Response
      try {
        response = await fetch(`http://127.0.0.1:${this.port}${route}`, init)
      } catch (error) {
        if (Date.now() > deadline) throw error
        await pause(50)
        continue
      }
      const answer = (await response.json()) as T & { error?: string }
      if (!response.ok) throw new Error(answer.error)
      return answer
    }
  }
}
