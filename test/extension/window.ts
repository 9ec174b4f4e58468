/** The activated extension and a page of our own, so that a suite can talk to a session as the panel does. */
import assert from 'node:assert/strict'
import * as vscode from 'vscode'
import type { TestApi } from '../../src/host/extension.ts'
import { receive } from '../../src/host/receive.ts'
import { Session } from '../../src/host/session.ts'
import type { Batch, RequestBody, RequestName, ResponseBody, ToWebview } from '../../src/shared/protocol.ts'

export async function api(): Promise<TestApi> {
  const extension = vscode.extensions.getExtension<TestApi | undefined>('panelist.panelist')
  const exported = await extension?.activate()
  assert.ok(exported, 'activate gave no test API')
  return exported
}

/** A panel without a webview: what it asks, and what it was told. */
export class TestPage {
  readonly session: Session
  readonly told: Batch['events'] = []
  #next = 0
  readonly #waiting = new Map<number, (message: ToWebview) => void>()

  readonly #port = {
    post: (message: ToWebview): void => {
      if (message.type === 'batch') this.told.push(...message.events)
      else this.#waiting.get(message.id)?.(message)
    },
  }

  constructor({ services }: TestApi) {
    this.session = new Session(services, this.#port, { kind: 'editor' })
  }

  async ask<Name extends RequestName>(name: Name, body: RequestBody<Name>): Promise<ResponseBody<Name>> {
    const id = ++this.#next
    const answer = new Promise<ToWebview>((resolve) => this.#waiting.set(id, resolve))
    await receive(this.session, this.#port, { type: 'request', id, name, body } as never)
    const message = await answer
    if (message.type !== 'response')
      throw new Error(message.type === 'error' ? message.message : 'a batch as an answer')
    return message.body as ResponseBody<Name>
  }

  say(text: string): Promise<unknown> {
    return this.ask('send', { content: [{ type: 'text', text }] })
  }

  /** Waits until this many answers are finished. */
  async settled(count = 1): Promise<void> {
    await until(() => this.told.filter(({ type }) => type === 'settled').length >= count)
  }
}

export async function until(done: () => boolean | Promise<boolean>, limit = 30_000): Promise<void> {
  const deadline = Date.now() + limit
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error('it never happened')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Sets the user's settings for one test and puts them back. */
export async function withSettings(settings: Record<string, unknown>, run: () => Promise<void>): Promise<void> {
  const { Global } = vscode.ConfigurationTarget
  const configuration = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('panelist')
  for (const [key, value] of Object.entries(settings)) await configuration().update(key, value, Global)
  try {
    await run()
  } finally {
    for (const key of Object.keys(settings)) await configuration().update(key, undefined, Global)
  }
}
