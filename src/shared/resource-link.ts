/** Links of MCP servers to their resources, as they stand in the text of a tool's result: one a line. */

const LINK = /^Resource link (\S+)(?: \(([^\n]*)\))?$/gm

export type ResourceLink = { uri: string; about?: string }

/** The line that `linksIn` finds again. `about`: one line. */
export function linkLine({ uri, about }: ResourceLink): string {
  return `Resource link ${uri.replace(/\s/g, encodeURIComponent)}${about ? ` (${about})` : ''}`
}

/** Those that only the server can read, each once: web addresses open in a browser. */
export function linksIn(text: string): ResourceLink[] {
  const links = new Map<string, ResourceLink>()
  for (const [, uri = '', about] of text.matchAll(LINK)) {
    if (/^https?:/i.test(uri) || !/^[a-z][\w+.-]*:/i.test(uri) || links.has(uri)) continue
    links.set(uri, { uri, ...(about && { about }) })
  }
  return [...links.values()]
}
