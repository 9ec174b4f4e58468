/** What signing in needs of its owner. */

/** As VS Code's SecretStorage. */
export type SecretStore = {
  get(key: string): Promise<string | undefined>
  set(key: string, value: string): Promise<void>
  delete(key: string): Promise<void>
}

export type SignInPorts = {
  secrets: SecretStore
  /** What the page of the sign-in calls us. */
  clientName: string
  /** Where the browser comes back to. The same one each time: authorisation servers remember it. */
  redirectUri(): Promise<string>
  /** Shows a page; false where the person does not want to. */
  openExternal(url: string): Promise<boolean>
  /** The query the browser came back with for this `state`. Rejects when `signal` is aborted. */
  callback(state: string, signal: AbortSignal): Promise<URLSearchParams>
  /** An address that describes us, for servers that want no registration. */
  clientMetadataUrl?: string
}
