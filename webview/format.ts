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

/** USD for a million tokens. */
export function price(amount: number): string {
  return amount === 0 ? 'free' : `$${amount < 0.1 ? amount.toFixed(3) : amount.toFixed(2).replace(/\.00$/, '')}`
}

/** From milliseconds. */
export function seconds(milliseconds: number): string {
  const value = milliseconds / 1000
  if (value >= 60) return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`
  return value < 10 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`
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
