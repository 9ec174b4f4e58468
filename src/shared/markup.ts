/** What rendered Markdown may consist of, wherever a model's words are drawn: in the panel and in exported pages. */
export const MARKUP_TAGS: readonly string[] =
  'a blockquote br button code del div em h3 h4 h5 h6 hr input li ol p pre s span strong table tbody td th thead tr ul'.split(
    ' ',
  )
