import { mount } from 'svelte'
import type { UsageRequests } from '../../src/shared/protocol.ts'
import { Bridge } from '../bridge.ts'
import type { Api } from '../bridge.ts'
import '../styles/base.css'
import 'uplot/dist/uPlot.min.css'
import './usage.css'
import { UsageState } from './state.svelte.ts'
import Usage from './Usage.svelte'

declare function acquireVsCodeApi(): Api

const api = acquireVsCodeApi()
const bridge = new Bridge<UsageRequests>(api, { receive: () => undefined })
const report = (problem: string): void => void bridge.ask('report', { problem }).catch(() => undefined)
// A size that changes while it is being told is told again by itself.
const isTrouble = (problem: string): boolean => !problem.includes('ResizeObserver')
window.addEventListener('error', (event) => isTrouble(event.message) && report(event.message))
window.addEventListener('unhandledrejection', (event) => report(String(event.reason)))

mount(Usage, { target: document.getElementById('app')!, props: { usage: new UsageState(api, bridge) } })
