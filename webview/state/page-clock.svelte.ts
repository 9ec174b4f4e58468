/** The time that a page says “ago” by, while the page is drawn. To be made as a component begins. */

export class PageClock {
  now = $state(Date.now())

  /** `told`: what the page shows. It must not be newer than the clock. */
  constructor(every: number, told: () => unknown) {
    $effect(() => {
      const timer = window.setInterval(() => (this.now = Date.now()), every)
      return () => clearInterval(timer)
    })
    $effect(() => {
      if (told() !== undefined) this.now = Date.now()
    })
  }
}
