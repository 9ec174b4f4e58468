/**
 * Runs in every frame before its own scripts, and stamps what a person would see. Times that leave here are epoch
 * milliseconds by the clock of `clock.ts`; `bench` is what the outside calls.
 */
globalThis.bench = (() => {
  const quietInput = '[data-testid="composer"], #in'
  const stamps = { click: 0, enter: 0 }
  let offset = performance.timeOrigin
  let ready = 0
  let watch
  let keys = []

  function calibrate() {
    const before = Date.now()
    let edge = before
    while (edge === before) edge = Date.now()
    offset = edge - performance.now()
  }

  const now = () => performance.now()
  /** True from a frame's first callback until it has been painted. */
  let inFrame = false
  const nextFrame = window.requestAnimationFrame.bind(window)
  window.requestAnimationFrame = (act) =>
    nextFrame((time) => {
      inFrame = true
      nextTask(() => (inFrame = false))
      act(time)
    })

  function nextTask(act) {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = act
    port2.postMessage(0)
  }

  /** Calls back once what the page holds now has been painted: with this frame, or else with the next. */
  function afterPaint(act) {
    if (inFrame) nextTask(act)
    else nextFrame(() => nextTask(act))
  }

  const onClick = (event) => (stamps.click = event.timeStamp)
  const onKey = (event) => event.key === 'Enter' && (stamps.enter = event.timeStamp)
  const onTyped = (event) => {
    const { timeStamp } = event
    afterPaint(() => keys.push(now() - timeStamp))
  }

  /** A webview writes its document anew, which takes the listeners off: call this before a measurement. */
  function arm() {
    window.addEventListener('click', onClick, true)
    window.addEventListener('keydown', onKey, true)
    calibrate()
  }

  function usable(element) {
    const { width, height } = element?.getBoundingClientRect() ?? {}
    return width > 2 && height > 2 && !element.disabled
  }

  if (window !== window.top) {
    const timer = setInterval(() => {
      if (!usable(document.querySelector(quietInput))) return
      ready = now()
      clearInterval(timer)
    }, 4)
  }

  const textOf = (node) => (node.nodeType === Node.TEXT_NODE ? node.data : (node.textContent ?? ''))
  const holds = (record, marker) =>
    record.type === 'characterData'
      ? record.target.data.slice(-100).includes(marker)
      : [...record.addedNodes].some((node) => textOf(node).includes(marker))

  function look(records) {
    watch.mutated = now()
    for (const record of records) {
      if (!watch.first && holds(record, watch.firstMarker)) {
        watch.first = watch.mutated
        afterPaint(() => (watch.painted = now()))
      }
      if (!watch.last && holds(record, watch.lastMarker)) {
        watch.last = watch.mutated
        afterPaint(() => (watch.lastPainted = now()))
      }
    }
  }

  /** Watches for the two markers, for long tasks, and for the page to come to rest. */
  function start(firstMarker, lastMarker) {
    arm()
    const long = []
    watch = { firstMarker, lastMarker, first: 0, painted: 0, last: 0, lastPainted: 0, mutated: now(), long }
    watch.mutations = new MutationObserver(look)
    watch.mutations.observe(document.documentElement, { subtree: true, childList: true, characterData: true })
    watch.tasks = new PerformanceObserver((list) => long.push(...list.getEntries().map((entry) => entry.duration)))
    watch.tasks.observe({ type: 'longtask' })
  }

  const progress = () => ({ done: watch.lastPainted > 0, quietMs: now() - watch.mutated })

  function finish() {
    watch.mutations.disconnect()
    watch.tasks.disconnect()
    const { first, painted, last, lastPainted, mutated, long } = watch
    const times = { first, painted, last, lastPainted, settled: mutated, click: stamps.click, enter: stamps.enter }
    const moments = Object.fromEntries(Object.entries(times).map(([name, time]) => [name, time && offset + time]))
    return { ...moments, longMs: long.reduce((sum, one) => sum + one, 0), longestMs: Math.max(0, ...long) }
  }

  function startTyping() {
    keys = []
    window.addEventListener('keydown', onTyped, true)
  }

  /** Milliseconds from each key press to the paint after it. */
  function stopTyping() {
    window.removeEventListener('keydown', onTyped, true)
    return keys
  }

  return {
    arm,
    start,
    progress,
    finish,
    startTyping,
    stopTyping,
    clicked: () => stamps.click && offset + stamps.click,
    readyAt: () => {
      calibrate()
      return ready && offset + ready
    },
  }
})()
