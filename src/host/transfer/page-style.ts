/** How an exported page looks. Its hash stands in the policy of the page, so nothing else styles it. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --text: #1f2328; --muted: #636c76; --page: #ffffff; --bubble: #eef1f6; --code: #f6f8fa; --border: #d8dee4;
  --link: #0b5fcc; --warn: #9a6700;
  --keyword: #a626a4; --string: #3b7d2b; --number: #986801; --title: #3558b8; --attr: #0b6b79; --gone: #b3261e;
  --mono: ui-monospace, SFMono-Regular, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #dfe2e7; --muted: #949ba6; --page: #16181d; --bubble: #262b34; --code: #1d2027; --border: #343a44;
    --link: #7db4ff; --warn: #e3b341;
    --keyword: #c792ea; --string: #a5d6a0; --number: #f0b67f; --title: #8ab4ff; --attr: #7fd1dc; --gone: #ff8a80;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 40px 24px 72px; background: var(--page); color: var(--text);
  font: 15px/1.6 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif;
  overflow-wrap: break-word;
}
header, main { max-width: 760px; margin: 0 auto; }
header { padding-bottom: 20px; border-bottom: 1px solid var(--border); }
h1 { margin: 0 0 6px; font-size: 26px; line-height: 1.25; letter-spacing: -0.01em; text-wrap: balance; }
header p { margin: 0; color: var(--muted); font-size: 13px; }
i { font-style: normal; opacity: 0.6; }
section { margin-top: 28px; }
section > footer { margin-top: 8px; color: var(--muted); font-size: 12px; font-variant-numeric: tabular-nums; }
.you { display: flex; flex-direction: column; align-items: flex-end; }
.you > footer { margin-top: 4px; }
.bubble { max-width: 85%; padding: 10px 16px; border-radius: 16px 16px 4px 16px; background: var(--bubble); }
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
h2 { margin: 0 0 8px; font-size: 14px; font-weight: 600; }
h2 small { margin-left: 4px; color: var(--muted); font-size: 12px; font-weight: 400; }
.markdown > :first-child { margin-top: 0; }
.markdown > :last-child { margin-bottom: 0; }
.markdown + .markdown, .markdown + details, details + .markdown { margin-top: 12px; }
p { margin: 0 0 12px; }
h3, h4, h5, h6 { margin: 24px 0 8px; font-weight: 600; line-height: 1.3; }
h3 { font-size: 19px; } h4 { font-size: 17px; } h5, h6 { font-size: 15px; }
ul, ol { margin: 0 0 12px; padding-left: 26px; }
li { margin: 4px 0; }
li > :is(ul, ol) { margin: 4px 0 0; }
li > p:last-child { margin-bottom: 4px; }
li::marker { color: var(--muted); }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
blockquote { margin: 0 0 12px; padding: 2px 0 2px 14px; border-left: 3px solid var(--border); color: var(--muted); }
blockquote > :last-child { margin-bottom: 0; }
hr { height: 1px; margin: 20px 0; border: 0; background: var(--border); }
code { padding: 2px 5px; border-radius: 5px; background: var(--code); font: 0.88em var(--mono); }
.code { margin: 0 0 12px; overflow: hidden; border: 1px solid var(--border); border-radius: 8px; background: var(--code); }
.language { padding: 5px 14px; border-bottom: 1px solid var(--border); color: var(--muted); font-size: 12px; }
pre { margin: 0; padding: 11px 14px 12px; overflow-x: auto; font: 13px/1.55 var(--mono); tab-size: 4; }
pre code { padding: 0; background: none; font: inherit; }
.table { margin: 0 0 12px; overflow-x: auto; border: 1px solid var(--border); border-radius: 8px; }
table { min-width: 100%; border-collapse: collapse; font-size: 13.5px; }
th, td { padding: 7px 12px; border-bottom: 1px solid var(--border); text-align: left; vertical-align: top; }
tr:last-child > td { border-bottom: 0; }
th { background: var(--code); font-weight: 600; }
.right { text-align: right; font-variant-numeric: tabular-nums; }
.center { text-align: center; }
details { margin: 0 0 12px; border: 1px solid var(--border); border-radius: 8px; font-size: 13.5px; }
summary {
  padding: 7px 12px; overflow: hidden; color: var(--muted); cursor: pointer; text-overflow: ellipsis; white-space: nowrap;
}
summary b { color: var(--text); font-weight: 600; }
.tool summary span { margin-left: 6px; font: 12px var(--mono); }
.failed summary b { color: var(--gone); }
.inside { padding: 10px 12px 12px; border-top: 1px solid var(--border); }
.inside > :last-child, .inside > .code:last-child { margin-bottom: 0; }
.inside pre { max-height: 420px; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
.thinking { border-style: dashed; }
.thinking .markdown { color: var(--muted); }
.files { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 8px; margin: 0 0 8px; }
.files:last-child { margin-bottom: 0; }
img { display: block; max-width: 100%; max-height: 480px; border-radius: 8px; }
.you img { max-height: 280px; }
.file { padding: 4px 10px; border: 1px solid var(--border); border-radius: 6px; background: var(--page); font-size: 13px; }
.sources { margin: 0 0 12px; color: var(--muted); font-size: 13px; }
.note { margin: 10px 0 0; padding: 6px 12px; border-left: 3px solid var(--warn); color: var(--muted); font-size: 13.5px; }
.hljs-comment, .hljs-quote, .hljs-meta { color: var(--muted); }
.hljs-keyword, .hljs-selector-tag, .hljs-literal, .hljs-type, .hljs-name { color: var(--keyword); }
.hljs-string, .hljs-regexp, .hljs-addition { color: var(--string); }
.hljs-number, .hljs-symbol { color: var(--number); }
.hljs-title, .hljs-section, .hljs-built_in { color: var(--title); }
.hljs-attr, .hljs-attribute, .hljs-variable, .hljs-property, .hljs-params { color: var(--attr); }
.hljs-deletion { color: var(--gone); }
.hljs-emphasis { font-style: italic; }
.hljs-strong { font-weight: 600; }
@media (max-width: 560px) {
  body { padding: 24px 16px 48px; }
  h1 { font-size: 22px; }
  .bubble { max-width: 95%; }
}
@media print {
  body { padding: 0; }
  .inside pre { max-height: none; }
  section { break-inside: auto; }
  h2, .you { break-after: avoid; }
}
`
