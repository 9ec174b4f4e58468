/** Numbers and names as people read them. */

export function tokens(count: number): string {
  if (count < 1000) return String(count)
  if (count < 10_000) return `${(count / 1000).toFixed(1).replace(/\.0$/, '')}k`
  if (count < 1_000_000) return `${Math.round(count / 1000)}k`
  return `${(count / 1_000_000).toFixed(1).replace(/\.0$/, '')}M`
}

/** USD. */
export function dollars(amount: number): string {
  if (amount === 0) return '$0'
  return amount < 0.0001 ? '<$0.0001' : `$${amount.toFixed(amount < 1 ? 4 : 2)}`
}

/** What several answers cost, of which some may have no price. */
export function costText({ cost, costUnknown }: { cost: number; costUnknown?: true }): string {
  if (!costUnknown) return dollars(cost)
  return cost >= 0.0001 ? `at least ${dollars(cost)}` : 'cost unknown'
}

export function exactCost({ cost, costUnknown }: { cost: number; costUnknown?: true }): string {
  const tiny = cost < 0.000001
  if (costUnknown && tiny) return 'unknown'
  return tiny && cost > 0 ? 'less than $0.000001' : `${costUnknown ? 'at least ' : ''}$${cost.toFixed(6)}`
}

/** USD for a million tokens. */
export function price(amount: number): string {
  return amount === 0 ? 'free' : `$${amount < 0.1 ? amount.toFixed(3) : amount.toFixed(2).replace(/\.00$/, '')}`
}

/** From milliseconds: never a zero for what took time, nor 60 of what is a whole of the next unit. */
export function seconds(milliseconds: number): string {
  if (milliseconds < 50) return '<0.1 s'
  const tenths = Math.round(milliseconds / 100) / 10
  if (tenths < 10) return `${tenths.toFixed(1)} s`
  const whole = Math.round(milliseconds / 1000)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}

/** What is left of a wait, from whole seconds. */
export function lasting(left: number): string {
  const minutes = Math.floor(left / 60)
  if (minutes < 60) return minutes === 0 ? `${left} s` : `${minutes} min ${left % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** The host of an address, or the address where it has none. */
export function host(address: string): string {
  try {
    return new URL(address).host || address
  } catch {
    return address
  }
}

/** The first values of streamed JSON arguments on one line. */
export function pretty(json: string): string {
  return json
    .slice(0, 200)
    .replace(/\s+/g, ' ')
    .replace(/^\{\s*/, '')
    .replace(/\}\s*$/, '')
    .replaceAll('"', '')
}

const DAY_MS = 24 * 3600 * 1000

/** The day of a moment (epoch milliseconds) as a heading: Today, Yesterday, a weekday, or a date. */
export function day(moment: number, now = Date.now()): string {
  const midnight = new Date(now).setHours(0, 0, 0, 0)
  if (moment >= midnight) return 'Today'
  if (moment >= midnight - DAY_MS) return 'Yesterday'
  const date = new Date(moment)
  if (moment >= midnight - 6 * DAY_MS) return date.toLocaleDateString(undefined, { weekday: 'long' })
  const sameYear = date.getFullYear() === new Date(now).getFullYear()
  return date.toLocaleDateString(undefined, { month: 'long', day: 'numeric', ...(!sameYear && { year: 'numeric' }) })
}

/** The time of day of a moment (epoch milliseconds). */
export function clock(moment: number): string {
  return new Date(moment).toLocaleTimeString(undefined, { hour: 'numeric', minute: '2-digit' })
}

/** How long ago a moment was, both in epoch milliseconds. */
export function ago(moment: number, now: number): string {
  const minutes = Math.floor((now - moment) / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${hours} h ago`
  const days = Math.floor(hours / 24)
  return days === 1 ? 'yesterday' : `${days} days ago`
}

export function bytes(count: number): string {
  if (count < 1024) return `${count} B`
  const [size, unit] = count < 1024 * 1024 ? [count / 1024, 'KB'] : [count / 1024 / 1024, 'MB']
  return `${size < 10 ? size.toFixed(1).replace(/\.0$/, '') : Math.round(size)} ${unit}`
}
