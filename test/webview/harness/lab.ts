/** Puts the parts of the webview that are tested alone where a page's tests can reach them. */
import fc from 'fast-check'
import { highlighted } from '../../../webview/markdown/highlight.ts'
import { MarkdownRenderer } from '../../../webview/markdown/renderer.ts'

export const lab = { fc, MarkdownRenderer, highlighted }
export type Lab = typeof lab

declare global {
  interface Window {
    lab: Lab
  }
}

window.lab = lab
