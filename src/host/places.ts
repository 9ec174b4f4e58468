/** What the places are called where pages of Panelist stand. */
export const VIEW = 'panelist.chat'
export const EDITOR = 'panelist.editor'
export const USAGE = 'panelist.usagePage'
