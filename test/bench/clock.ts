/**
 * One clock for processes that meet only by messages: epoch milliseconds with a fraction. Each side sets its own offset
 * on the moment that the system clock moves on, which brings them together to about 0.1 ms.
 */
export class Clock {
  #offset = 0

  constructor() {
    this.calibrate()
  }

  now(): number {
    return this.#offset + performance.now()
  }

  /** Blocks for up to a millisecond. Clocks drift: call it before each measurement. */
  calibrate(): void {
    const before = Date.now()
    let edge = before
    while (edge === before) edge = Date.now()
    this.#offset = edge - performance.now()
  }
}
