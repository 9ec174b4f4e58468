/** The markup of a code block. Its buttons are answered by one listener above the transcript (see `clicks.ts`). */

/** Text as HTML that shows it, also inside a quoted attribute. */
export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

const button = (act: string, icon: string, label: string): string =>
  `<button type="button" class="icon-button" data-act="${act}" title="${label}" aria-label="${label}">` +
  `<span class="codicon codicon-${icon}"></span></button>`

const BUTTONS =
  button('wrap', 'word-wrap', 'Wrap lines') +
  button('insert', 'insert', 'Insert at cursor') +
  button('copy', 'copy', 'Copy code')

/** `language` is the first word of the fence's info string, as the model wrote it; may be empty. */
export function codeBlock(code: string, language: string): string {
  const name = escape(language)
  return (
    `<div class="code" role="group" aria-label="${name || 'Plain'} code"><div class="code-bar">` +
    `<span class="code-language">${name || 'text'}</span><span class="code-buttons">${BUTTONS}</span></div>` +
    `<pre tabindex="0"><code data-language="${name}">${escape(code.replace(/\n$/, ''))}</code></pre></div>`
  )
}
