/** What the README says there is, is what the manifest has. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { providers } from '../src/llm/index.ts'
import { presets } from '../src/host/presets.ts'

const root = path.resolve(import.meta.dirname, '..')
const readme = readFileSync(path.join(root, 'README.md'), 'utf8')
const words = readme.replace(/\s+/g, ' ')

type Manifest = {
  contributes: {
    commands: { command: string; title: string }[]
    menus: { commandPalette: { command: string; when: string }[] }
    configuration: { properties: Record<string, unknown> }
  }
}
const { contributes } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest

describe('the README', () => {
  it('names every setting, and no other', () => {
    const settings = Object.keys(contributes.configuration.properties)
    assert.deepEqual(
      settings.filter((name) => !readme.includes(`\`${name}\``)),
      [],
    )
    const rows = [...readme.matchAll(/^\| `(panelist\.[\w.]+)`/gm)].map(([, name]) => name ?? '')
    assert.deepEqual(
      rows.filter((name) => !settings.includes(name)),
      [],
    )
  })

  it('names every command of the palette', () => {
    const hidden = new Set(contributes.menus.commandPalette.map(({ command }) => command))
    const titles = contributes.commands.filter(({ command }) => !hidden.has(command)).map(({ title }) => title)
    assert.deepEqual(
      titles.filter((title) => !words.includes(title)),
      [],
    )
  })

  it('names every provider and every service that needs no address', () => {
    const ids = [...providers.filter(({ id }) => id !== 'compatible'), ...presets].map(({ id }) => id)
    assert.deepEqual(
      ids.filter((id) => !readme.includes(`\`${id}\``)),
      [],
    )
  })
})
