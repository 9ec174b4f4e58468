/** axe in the page itself: a page of its own for each look would cost more than the look. */
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import type { AxeResults, ContextObject, RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

declare global {
  interface Window {
    axe?: { run(context: ContextObject, options: RunOptions): Promise<AxeResults> }
  }
}

/** The same questions as its namesake answers, for pages without frames, and its violations alone. */
export class AxeBuilder {
  readonly #page: Page
  readonly #context: { include?: string[][]; exclude: string[][] } = { exclude: [] }
  readonly #options: RunOptions & { rules: Record<string, { enabled: boolean }> } = {
    rules: {},
    resultTypes: ['violations'],
  }

  constructor({ page }: { page: Page }) {
    this.#page = page
  }

  include(selector: string): this {
    ;(this.#context.include ??= []).push([selector])
    return this
  }

  exclude(selector: string): this {
    this.#context.exclude.push([selector])
    return this
  }

  disableRules(rules: readonly string[]): this {
    for (const rule of rules) this.#options.rules[rule] = { enabled: false }
    return this
  }

  /** Rejects where the page has frames (axe would not see into them) or axe itself fails. */
  async analyze(): Promise<Pick<AxeResults, 'violations'>> {
    if (this.#page.frames().length > 1) throw new Error('The page has frames, which axe would not look into.')
    if (!(await this.#page.evaluate(() => window.axe !== undefined))) await this.#page.evaluate(source)
    return this.#page.evaluate(
      async ([context, options]) => {
        if (!window.axe) throw new Error('axe is not there.')
        const { violations } = await window.axe.run(context, options)
        return { violations }
      },
      [this.#context, this.#options] as const,
    )
  }
}
