/** The Providers page of a window without VS Code: real keys, connections and lists; boxes that a test answers. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Connections } from '../../src/host/connections.ts'
import { Keys } from '../../src/host/keys.ts'
import { Models } from '../../src/host/models.ts'
import type { EditorProvider } from '../../src/host/offer.ts'
import type { Boxes, Item, TextBox } from '../../src/host/provider-page/boxes.ts'
import type { Entries } from '../../src/host/provider-page/entries.ts'
import { ProviderPage } from '../../src/host/provider-page/page.ts'
import type { Settings } from '../../src/host/settings.ts'
import { readProviders } from '../../src/host/settings/providers.ts'
import type { ProviderCard } from '../../src/shared/protocol.ts'
import { openStore } from '../../src/store/open.ts'
import { FakeMemento, FakeSecrets } from './fake-editor.ts'
import { noSettings } from './fakes.ts'

/** Answers in the order the boxes are shown; undefined leaves one. A pick is answered by the label of the item. */
export class FakeBoxes implements Boxes {
  answers: (string | boolean | undefined)[] = []
  readonly texts: TextBox[] = []
  readonly picks: Item<unknown>[][] = []
  readonly questions: string[] = []
  readonly commands: [string, unknown][] = []
  readonly opened: string[] = []

  async ask(box: TextBox): Promise<string | undefined> {
    this.texts.push(box)
    const answer = this.answers.shift() as string | undefined
    const objection = answer === undefined ? undefined : box.check(answer)
    if (typeof objection === 'string') throw new Error(`the box takes no “${answer}”: ${objection}`)
    return answer
  }

  async pick<T>(items: readonly Item<T>[]): Promise<Item<T> | undefined> {
    this.picks.push([...items])
    const label = this.answers.shift()
    const item = items.find((one) => one.label === label)
    if (label !== undefined && !item) throw new Error(`nothing is called ${label}`)
    return item
  }

  async confirm(question: string): Promise<boolean> {
    this.questions.push(question)
    return this.answers.shift() === true
  }

  async run(command: string, argument: unknown): Promise<void> {
    this.commands.push([command, argument])
  }

  async open(address: string): Promise<void> {
    this.opened.push(address)
  }
}

type Options = {
  environment?: Record<string, string>
  settings?: Partial<Settings>
  editor?: EditorProvider[]
  testLimit?: number
}

export class PageWindow {
  readonly boxes = new FakeBoxes()
  readonly keys: Keys
  readonly connections: Connections
  readonly models: Models
  readonly page: ProviderPage
  /** `panelist.providers` as it stands in the settings file. */
  entries: Entries
  /** How often the page was told to look again. */
  changes = 0
  /** Where set, writing the settings fails so. */
  unwritable: string | undefined
  readonly #store = openStore({ path: join(mkdtempSync(join(tmpdir(), 'panelist-')), 'panelist.db') }).store

  constructor(entries: Entries = {}, { environment = {}, settings = {}, editor = [], testLimit }: Options = {}) {
    this.entries = entries
    const current = (): Settings => ({ ...noSettings, ...settings, providers: readProviders(this.entries, []) })
    const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }
    const changed = (): void => void this.changes++
    this.keys = new Keys(new FakeSecrets(), new FakeMemento(), environment)
    this.connections = new Connections({ keys: this.keys, settings: current, editor })
    this.models = new Models({
      connections: this.connections,
      settings: current,
      store: () => this.#store,
      log,
      changed,
      refused: (provider, profile) => this.keys.reject(provider, profile),
    })
    this.page = new ProviderPage({
      connections: this.connections,
      keys: this.keys,
      models: this.models,
      settings: current,
      boxes: this.boxes,
      log,
      write: (change) => this.#write(change),
      changed,
      ...(testLimit !== undefined && { testLimit }),
    })
  }

  async card(id: string): Promise<ProviderCard> {
    const card = (await this.page.cards()).find((one) => one.id === id)
    if (!card) throw new Error(`no card of ${id}`)
    return card
  }

  async has(id: string): Promise<boolean> {
    return (await this.page.cards()).some((one) => one.id === id)
  }

  setKey(id: string, key: string, profile?: string): Promise<void> {
    const info = this.connections.all().find((one) => one.id === id)
    if (!info) throw new Error(`no provider ${id}`)
    return this.keys.set(info, this.connections.settingsOf(id), key, profile)
  }

  close(): void {
    this.#store.close()
  }

  /** As the settings are written: an entry that says nothing goes. */
  async #write(change: (entries: Entries) => Entries): Promise<void> {
    if (this.unwritable !== undefined) throw new Error(this.unwritable)
    const changed = Object.entries(change(structuredClone(this.entries)))
    this.entries = Object.fromEntries(changed.filter(([, entry]) => Object.keys(entry).length > 0))
  }
}
