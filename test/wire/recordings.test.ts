import assert from 'node:assert/strict'
import { isObject, parseJson } from '../../src/shared/json.ts'
import { PLAYED, recordedFolders, recordingsOf } from '../harness/recordings.ts'

describe('The recordings beside this checkout', () => {
  const folders = recordedFolders()
  if (!folders) return void it('are played (pending: there are none)')

  it('are all of dialects that a test plays', () => assert.deepEqual(folders.sort(), [...PLAYED].sort()))

  for (const dialect of PLAYED) {
    const recordings = recordingsOf(dialect)
    it(`hold whole chunks of ${dialect}, so that none of their tests is empty`, () => {
      assert.ok(recordings.length > 0)
      for (const { name, lines } of recordings) {
        assert.ok(lines.length > 1, name)
        for (const line of lines) assert.ok(isObject(parseJson(line)), `${name}: ${line.slice(0, 80)}`)
      }
    })
  }
})
