/** What answers a request that only has to be done. */

export type Empty = Record<string, never>
