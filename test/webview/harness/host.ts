/** Stands in for VS Code and the extension host inside a page: answers the panel's requests from a scripted scene. */
import { FakeHost } from './fake-host.ts'
import { scenes, type SceneName } from './scenes.ts'

const name = (new URLSearchParams(location.search).get('scene') ?? 'empty') as SceneName
const host = new FakeHost(scenes[name]())
const violations: string[] = []
const STATE = 'panelist.state'

document.addEventListener('securitypolicyviolation', (event) => {
  violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
})

declare global {
  interface Window {
    host: FakeHost
    violations: string[]
    acquireVsCodeApi: () => unknown
  }
}

window.host = host
window.violations = violations
window.acquireVsCodeApi = () => ({
  postMessage: (message: unknown) => host.receive(structuredClone(message) as never),
  getState: () => JSON.parse(sessionStorage.getItem(STATE) ?? 'null') as unknown,
  setState: (state: unknown) => sessionStorage.setItem(STATE, JSON.stringify(state)),
})
