/** The network as this machine sees it. */
import { lookup } from 'node:dns/promises'
import { connect } from 'node:net'
import type { Net } from '../ports.ts'

/** `allowed`: hosts the person lets be fetched although they are not public: `localhost:3000`, `10.0.0.5`. */
export class LocalNet implements Net {
  readonly #allowed: () => readonly string[]

  constructor(allowed: () => readonly string[]) {
    this.#allowed = allowed
  }

  async resolve(host: string): Promise<string[]> {
    return (await lookup(host, { all: true })).map(({ address }) => address)
  }

  dial(address: string, port: number) {
    return connect({ host: address, port })
  }

  /** Without a port an entry means all ports of its host. */
  allows(url: URL): boolean {
    const port = url.port || (url.protocol === 'https:' ? '443' : '80')
    return this.#allowed().some((entry) => {
      const wanted = entry.trim().toLowerCase()
      return wanted === url.hostname || wanted === `${url.hostname}:${port}`
    })
  }
}
