import { mount } from 'svelte'
import type { Api } from './bridge.ts'
import App from './components/App.svelte'
import { Panel } from './state/panel.svelte.ts'
import './styles/base.css'
import './styles/highlight.css'
import './styles/markdown.css'

declare function acquireVsCodeApi(): Api

const panel = new Panel(acquireVsCodeApi())
const report = (problem: string): void => void panel.bridge.ask('report', { problem }).catch(() => undefined)
window.addEventListener('error', (event) => report(event.message))
window.addEventListener('unhandledrejection', (event) => report(String(event.reason)))

const tellFocus = (focused: boolean): void => void panel.bridge.ask('focused', { focused }).catch(() => undefined)
window.addEventListener('focus', () => tellFocus(true))
window.addEventListener('blur', () => tellFocus(false))

mount(App, { target: document.getElementById('app')!, props: { panel } })
tellFocus(document.hasFocus())
