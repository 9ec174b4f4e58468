/** What an import took, and what it could not take and why. */

export type Kind = 'panelist' | 'chatgpt' | 'claude' | 'vscode'

export type Report = {
  kind: Kind
  conversations: number
  messages: number
  /** With their bytes. */
  attachments: number
  /** Records of requests that were not there yet are among these. */
  requests: number
  /** Conversations that were there as they are in the file. */
  identical: number
  /** Titles of conversations whose id was taken by another one: they stand beside it. */
  copies: string[]
  /** Conversations with nothing in them that could be taken. */
  empty: number
  /** What was left out, with how often. */
  notes: Map<string, number>
}

const KINDS: Record<Kind, string> = {
  panelist: 'an export of Panelist',
  chatgpt: 'a data export of ChatGPT',
  claude: 'a data export of Claude',
  vscode: 'a chat exported from VS Code',
}

export const newReport = (kind: Kind): Report => ({
  kind,
  conversations: 0,
  messages: 0,
  attachments: 0,
  requests: 0,
  identical: 0,
  copies: [],
  empty: 0,
  notes: new Map(),
})

/** One sentence that tells the most important. */
export function headline({ conversations, messages, identical }: Report): string {
  if (conversations === 0 && identical > 0)
    return `Nothing new: ${these(identical, 'conversation')} of this file ${identical === 1 ? 'was' : 'were'} here already.`
  const taken = `Imported ${these(conversations, 'conversation')} with ${these(messages, 'message')}.`
  return identical > 0
    ? `${taken} ${these(identical, 'conversation')} ${identical === 1 ? 'was' : 'were'} here already.`
    : taken
}

/** True where there is more to read than the headline. */
export const hasDetails = ({ copies, empty, notes }: Report): boolean =>
  copies.length > 0 || empty > 0 || notes.size > 0

const LISTED = 50

/** The whole of it as Markdown. `file`: its name. */
export function reportMarkdown(file: string, report: Report): string {
  const { kind, attachments, requests, copies, empty, notes } = report
  const taken = [
    headline(report),
    ...(attachments > 0 ? [`${these(attachments, 'attachment')} came with them.`] : []),
    ...(requests > 0 ? [`${these(requests, 'record')} of requests, for usage and cost, came with them.`] : []),
  ]
  const left = [
    ...[...notes].sort(([, a], [, b]) => b - a).map(([what, times]) => `- ${times.toLocaleString('en')} × ${what}`),
    ...(empty > 0
      ? [`- ${these(empty, 'conversation')} without anything in ${empty === 1 ? 'it' : 'them'} that could be taken`]
      : []),
  ]
  const more = copies.length > LISTED ? [`- and ${(copies.length - LISTED).toLocaleString('en')} more`] : []
  return [
    `# Import of ${file}`,
    `It is ${KINDS[kind]}. ${taken.join(' ')}`,
    ...(copies.length > 0
      ? [
          '## Taken as copies',
          'Other conversations have the same ids here, and both are kept:',
          [...copies.slice(0, LISTED).map((title) => `- ${title.replace(/\s+/g, ' ')}`), ...more].join('\n'),
        ]
      : []),
    ...(left.length > 0 ? ['## Not taken', left.join('\n')] : []),
  ].join('\n\n')
}

function these(count: number, thing: string): string {
  return `${count.toLocaleString('en')} ${thing}${count === 1 ? '' : 's'}`
}
