/** The door of comparisons: nothing behind it is loaded before the page asks. */
import type { BenchmarkParts, BenchmarkWindow } from './window.ts'

export type { BenchmarkDesk, BenchmarkParts } from './window.ts'

export type Benchmarking = {
  open(): Promise<Omit<BenchmarkWindow, 'dispose'>>
  /** While the store is still open. */
  dispose(): void
}

export function benchmarking(parts: BenchmarkParts): Benchmarking {
  let opened: BenchmarkWindow | undefined
  return {
    async open() {
      const { BenchmarkWindow } = await import('./window.ts')
      return (opened ??= new BenchmarkWindow(parts))
    },
    dispose: () => opened?.dispose(),
  }
}
