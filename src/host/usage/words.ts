/** What the status bar says of today; nothing before anything cost something. */
export function statusText({
  cost,
  requests,
  unpriced,
}: {
  cost: number
  requests: number
  unpriced: number
}): { short: string; long: string } | undefined {
  if (cost <= 0) return undefined
  const amount = cost < 0.01 ? '<$0.01' : `$${cost.toFixed(2)}`
  const exact = `$${cost.toFixed(cost < 0.01 ? 6 : 4)}`
  const known = unpriced > 0 ? `at least ${exact}: nobody knows what ${unpriced} of them cost` : exact
  const many = requests === 1 ? '1 request' : `${requests.toLocaleString('en')} requests`
  return { short: `$(graph) ${amount}`, long: `Panelist today: ${many}, ${known}` }
}
