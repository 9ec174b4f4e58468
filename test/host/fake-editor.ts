/** The parts of VS Code that keep things, kept in memory. */
export class FakeSecrets {
  readonly values = new Map<string, string>()
  reads = 0
  #changed = () => {}
  readonly onDidChange = (listener: (event: { key: string }) => void) => {
    this.#changed = () => listener({ key: '' })
    return { dispose() {} }
  }
  get = async (name: string) => {
    this.reads++
    return this.values.get(name)
  }
  /** Another window sets a secret. */
  change(name: string, value: string): void {
    this.values.set(name, value)
    this.#changed()
  }
  listed = 0
  keys = () => {
    this.listed++
    return Promise.resolve([...this.values.keys()])
  }
  store = async (name: string, value: string) => void this.values.set(name, value)
  delete = async (name: string) => void this.values.delete(name)
}

export class FakeMemento {
  readonly values = new Map<string, unknown>()
  keys = () => [...this.values.keys()]
  get = <T>(key: string, fallback?: T) => (this.values.get(key) ?? fallback) as T
  update = async (key: string, value: unknown) => void this.values.set(key, value)
}
