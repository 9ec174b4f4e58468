import assert from 'node:assert/strict'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { COPY, Copies, LEAVE, RESTORE } from '../../../src/host/backup/copies.ts'
import type { Store } from '../../../src/store/store.ts'
import { Place, chain, streaming } from '../../store/support.ts'
import { FakeBoxes } from './support.ts'

describe('copies of the chats, as a person asks for them', () => {
  let place: Place
  let store: Store
  let boxes: FakeBoxes
  let copies: Copies
  let running: number
  let replaced: number
  let file: string
  beforeEach(() => {
    place = new Place()
    store = place.open()
    boxes = new FakeBoxes()
    running = replaced = 0
    file = join(place.folder, 'copy.db')
    copies = new Copies({
      store: () => store,
      path: () => place.path,
      home: place.folder,
      boxes,
      running: () => running,
      replaced: () => replaced++,
    })
  })
  afterEach(() => place.dispose())

  const chat = (title: string, to = store) => {
    const { id } = to.conversations.create({ title })
    chain(to, id, 2)
    return id
  }
  const titles = () => store.conversations.list().map(({ title }) => title)

  it('are written where the person says, and nowhere where they say nothing', async () => {
    chat('Chat')
    await copies.backUp()
    boxes.target = file
    await copies.backUp()
    assert.ok(existsSync(file))
    assert.equal(boxes.told.length, 1)
    assert.ok(boxes.told[0]?.includes(file))
    boxes.target = join(place.folder, 'nowhere', 'copy.db')
    await copies.backUp()
    assert.match(boxes.failed.join(), /could not be copied/)
  })

  it('are restored after a question, unfinished answers settled, and it is said where the others are', async () => {
    const id = chat('Then')
    const other = place.open()
    other.journal.begin(streaming(id, { id: 'begun' }))
    await store.backup(file)
    other.close()
    store.conversations.update(id, { title: 'Now' })
    boxes.source = file
    await copies.restore()
    assert.deepEqual([titles(), replaced], [['Now'], 0], 'it was not asked')
    boxes.answer = RESTORE
    await copies.restore()
    assert.deepEqual([titles(), replaced], [['Then'], 1])
    assert.equal(store.messages.get('begun')?.state, 'interrupted')
    const aside = /in (\S+\.replaced-\S+)\.$/.exec(boxes.told[0] ?? '')?.[1] ?? ''
    assert.ok(existsSync(aside), boxes.told[0])
  })

  it('are looked for where the weekly ones are, once there are any', async () => {
    await copies.restore()
    const backups = join(place.folder, 'backups')
    mkdirSync(backups)
    await copies.restore()
    assert.deepEqual(boxes.folders, [place.folder, backups])
  })

  it('are not restored while an answer is written, nor where they are none', async () => {
    chat('Chat')
    writeFileSync(file, 'nothing')
    boxes.source = file
    boxes.answer = RESTORE
    running = 1
    await copies.restore()
    assert.match(boxes.failed.join(), /Stop it/)
    running = 0
    await copies.restore()
    assert.match(boxes.failed.join(), /not restored: This file is no copy/)
    assert.deepEqual([titles(), replaced], [['Chat'], 0])
  })

  it('of another place are offered, brought where wanted, and not offered again where not', async () => {
    const elsewhere = place.open({ path: join(place.folder, 'elsewhere.db') })
    const declined = new Map<string, number>()
    const memory = {
      get: (path: string) => declined.get(path),
      set: async (path: string, count: number) => void declined.set(path, count),
    }
    const others = [join(place.folder, 'elsewhere.db'), join(place.folder, 'nowhere.db')]
    const offer = () => copies.offer(others, memory)
    await offer()
    assert.deepEqual(boxes.questions, [])
    chat('There', elsewhere)
    boxes.answer = LEAVE
    await offer()
    await offer()
    assert.equal(boxes.questions.length, 1)
    assert.match(boxes.questions[0] ?? '', /^One chat is in .*elsewhere\.db/)
    chat('There too', elsewhere)
    boxes.answer = undefined
    await offer()
    assert.match(boxes.questions[1] ?? '', /^2 chats are/)
    boxes.answer = COPY
    await offer()
    assert.deepEqual(titles().sort(), ['There', 'There too'])
    assert.equal(replaced, 1)
    await offer()
    assert.equal(boxes.questions.length, 3)
  })
})
