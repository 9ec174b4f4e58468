/** Signs requests with the tokens of a sign-in, renews them when they expire, and learns when a new sign-in is wanted. */
import { auth, extractWWWAuthenticateParams } from '@modelcontextprotocol/sdk/client/auth.js'
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { SignInProvider } from './provider.ts'

/**
 * Requests to the server's own origin get its token; others pass as they are. Requests that run at the same time find
 * their token expired at the same time: it is renewed once, because most servers see a theft in the second use of a
 * refresh token. Where nothing can be renewed the refusal is given back, and `provider.pending` holds the page to sign in at.
 */
export function authorisedFetch(through: FetchLike, provider: SignInProvider): FetchLike {
  let renewing: Promise<boolean> | undefined
  return async (target, init) => {
    if (new URL(target).origin !== provider.url.origin) return through(target, init)
    const sent = await provider.accessToken()
    const answer = await through(target, withToken(init, sent))
    const wish = wishOf(answer)
    if (!wish) return answer
    const isRenewed = wish.status === 401 && (await provider.accessToken()) !== sent
    if (!isRenewed) {
      renewing ??= renew(through, provider, wish).finally(() => (renewing = undefined))
      if (!(await renewing)) return answer
    }
    await answer.body?.cancel()
    return through(target, withToken(init, await provider.accessToken()))
  }
}

type Wish = { status: 401 | 403; resourceMetadataUrl?: URL; scope?: string }

/** What a refusal asks for; undefined where it is none that a token could mend. */
function wishOf(answer: Response): Wish | undefined {
  const { error, ...wish } = extractWWWAuthenticateParams(answer)
  if (answer.status === 401) return { status: 401, ...wish }
  return answer.status === 403 && error === 'insufficient_scope' ? { status: 403, ...wish } : undefined
}

/** True where there is a new token. A token that allows too little is not mended by one like it: that takes a person. */
async function renew(fetchFn: FetchLike, provider: SignInProvider, { status, ...wish }: Wish): Promise<boolean> {
  const ofSdk = status === 403 ? provider.withoutTokens() : provider
  return (await auth(ofSdk, { serverUrl: provider.url, fetchFn, ...wish })) === 'AUTHORIZED'
}

function withToken(init: RequestInit | undefined, token: string | undefined): RequestInit {
  const headers = new Headers(init?.headers)
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  return { ...init, headers }
}
