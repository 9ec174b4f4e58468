/** True for an address of this machine. */
export function isLoopback(address: string | undefined): boolean {
  const host = address === undefined ? undefined : URL.parse(address)?.hostname
  return host !== undefined && /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host)
}

/** Why this cannot be an endpoint, for an input box; undefined where it can. */
export function addressProblem(text: string): string | undefined {
  const address = text.trim()
  if (address === '') return 'Paste the address here.'
  const url = URL.parse(address)
  if (!url || !/^https?:$/.test(url.protocol)) return 'Use a whole address, such as https://host.example/v1.'
  if (url.username || url.password) return 'Leave out the user name and password: set a key instead.'
  return url.search || url.hash ? 'Leave out what follows ? or #.' : undefined
}
