import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Attached, AttachmentReader } from '../../src/shared/attachments.ts'
import {
  acceptedBy,
  attachmentLimitsOf,
  isTextMedia,
  LARGEST_FILE,
  refusalOf,
  refusalOfAll,
} from '../../src/shared/attachments.ts'

const MB = 1024 * 1024
const provider = fc.constantFrom(
  ...['anthropic', 'openai', 'google', 'openrouter', 'ollama', 'litellm', 'compatible', 'vscode', 'my-server'],
)
const able = fc.constantFrom(true, false, undefined)
const reader: fc.Arbitrary<AttachmentReader> = fc
  .record({ provider, images: able, pdfs: able, contextWindow: fc.constantFrom(undefined, 8000, 200_000, 1_000_000) })
  .map(({ provider: id, images, pdfs, contextWindow }) => ({
    provider: id,
    label: 'Label of it',
    model: {
      name: 'Model of it',
      ...(images !== undefined && { images }),
      ...(pdfs !== undefined && { pdfs }),
      ...(contextWindow !== undefined && { contextWindow }),
    },
  }))
const mediaType = fc.constantFrom(
  ...['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/heic', 'image/tiff', 'image/svg+xml'],
  ...['application/pdf', 'application/pdf; v=1', 'text/plain', 'text/markdown;charset=utf-8', 'application/json'],
  ...['application/zip', 'audio/wav', 'video/mp4', ''],
)
const file: fc.Arbitrary<Attached> = fc.record({
  name: fc.constantFrom('a.png', 'ü ber.pdf', 'x'),
  mediaType,
  size: fc.oneof(fc.nat(4096), fc.nat(60 * MB)),
})
const small = (type: string): Attached => ({ name: 'it', mediaType: type, size: 1000 })

describe('the refusal of an attachment', () => {
  it('names the file and says what to do, whatever it is and whoever reads it', () => {
    fc.assert(
      fc.property(file, reader, (attached, who) => {
        const refusal = refusalOf(attached, who)
        if (refusal === undefined) return
        assert.ok(refusal.includes(attached.name), refusal)
        assert.match(refusal, /\. (Choose|Convert|Make|Attach) .*\.$/)
      }),
    )
  })

  it('never comes of what nobody told: without the abilities of the model there is none that they would not bring', () => {
    fc.assert(
      fc.property(file, reader, (attached, who) => {
        const { images: _images, pdfs: _pdfs, ...model } = who.model!
        const unknown = refusalOf(attached, { ...who, model })
        if (unknown !== undefined) assert.ok(refusalOf(attached, who) !== undefined)
        const known = { ...who, model: { ...model, images: true, pdfs: true } }
        assert.equal(refusalOf(attached, known), unknown, 'not to be told and to be told yes are the same')
      }),
    )
  })

  it('comes always where the model is known not to see, and never for text', () => {
    fc.assert(
      fc.property(file, reader, (attached, who) => {
        const fits = attached.size <= LARGEST_FILE
        if (isTextMedia(attached.mediaType)) return void assert.equal(refusalOf(attached, who) === undefined, fits)
        if (attached.mediaType.startsWith('image/') && who.model?.images === false)
          assert.match(refusalOf(attached, who) ?? '', fits ? /^Model of it cannot see images\. Choose/ : /50 MB/)
        if (attached.mediaType === 'application/pdf' && who.model?.pdfs === false)
          assert.match(refusalOf(attached, who) ?? '', fits ? /^Model of it cannot read PDFs\. Choose/ : /50 MB/)
      }),
    )
  })

  it('comes for every larger file of the same kind as well', () => {
    fc.assert(
      fc.property(file, reader, fc.nat(MB), (attached, who, more) => {
        if (refusalOf(attached, who) === undefined) return
        assert.ok(refusalOf({ ...attached, size: attached.size + more }, who) !== undefined)
      }),
    )
  })

  it('never comes for a small file of a type that the picker offers, and always for one it does not', () => {
    fc.assert(
      fc.property(mediaType, reader, (type, who) => {
        const offered = acceptedBy(who).some((each) =>
          each.endsWith('/*') ? type.startsWith(each.slice(0, -1)) : each === type.split(';')[0],
        )
        assert.equal(refusalOf(small(type), who) === undefined, offered || isTextMedia(type), type)
      }),
    )
  })

  it('keeps to the limits that providers tell', () => {
    const claude = { provider: 'anthropic', label: 'Anthropic' }
    const image = { name: 'a.png', mediaType: 'image/png' }
    const pdf = { name: 'a.pdf', mediaType: 'application/pdf' }
    // 10 MB of base64, and 32 MB of it.
    assert.equal(refusalOf({ ...image, size: 7.5 * MB }, claude), undefined)
    assert.equal(
      refusalOf({ ...image, size: 7.5 * MB + 1 }, claude),
      'a.png has 7.6 MB, and Anthropic takes images of 7.5 MB at most. Make it smaller, or choose a model of another provider.',
    )
    assert.equal(refusalOf({ ...pdf, size: 23 * MB }, claude), undefined)
    assert.match(refusalOf({ ...pdf, size: 25 * MB }, claude) ?? '', /takes PDFs of 24 MB at most/)
    assert.match(refusalOf(small('image/gif'), { provider: 'google' }) ?? '', /Convert it to PNG or JPEG/)
    assert.equal(refusalOf(small('audio/wav'), { provider: 'google' }), undefined)
    for (const id of ['ollama', 'vscode']) {
      assert.match(refusalOf(small('application/pdf'), { provider: id }) ?? '', /takes no PDFs\. Choose a model of ano/)
    }
    assert.deepEqual(attachmentLimitsOf('constructor'), attachmentLimitsOf('my-server'))
  })
})

describe('the refusal of all attachments of a conversation', () => {
  const images = (count: number, size = 1000): Attached[] =>
    Array.from({ length: count }, (_, at) => ({ name: `${at}.png`, mediaType: 'image/png', size }))
  const reading = (id: string, contextWindow?: number): AttachmentReader => ({
    provider: id,
    ...(contextWindow !== undefined && { model: { name: 'm', contextWindow } }),
  })

  it('counts the images, and knows that small models take fewer', () => {
    assert.equal(refusalOfAll(images(600), reading('anthropic')), undefined)
    assert.match(refusalOfAll(images(601), reading('anthropic')) ?? '', /has 601 images, and anthropic takes 600/)
    assert.match(refusalOfAll(images(101), reading('anthropic', 200_000)) ?? '', /takes 100 .*Remove some/)
    assert.equal(refusalOfAll(images(101), reading('anthropic', 1_000_000)), undefined)
    assert.equal(refusalOfAll(images(5000), reading('compatible')), undefined)
  })

  it('adds up what they take as base64, with the rest of the request', () => {
    const four = images(4, 6 * MB)
    assert.equal(refusalOfAll(four, reading('anthropic')), undefined)
    assert.match(refusalOfAll(four, reading('anthropic'), 1) ?? '', /has 32\.1 MB, and anthropic takes 32 MB/)
    assert.equal(refusalOfAll([], reading('anthropic'), 40 * MB), undefined, 'words alone are no matter of attachments')
  })

  it('adds up the PDFs where their sum counts', () => {
    const pdfs = [30, 21].map((size, at) => ({ name: `${at}.pdf`, mediaType: 'application/pdf', size: size * MB }))
    assert.match(refusalOfAll(pdfs, reading('openai')) ?? '', /have 51 MB, and openai takes 50 MB/)
    assert.equal(refusalOfAll(pdfs, reading('google')), undefined)
  })

  it('never comes for less of what is taken', () => {
    fc.assert(
      fc.property(fc.array(file, { maxLength: 8 }), reader, fc.nat(20 * MB), (files, who, other) => {
        const taken = refusalOfAll(files, who, other) === undefined
        if (taken) assert.equal(refusalOfAll(files.slice(1), who, other), undefined)
        else assert.match(refusalOfAll(files, who, other) ?? '', /Remove some of them, or start a new chat\.$/)
      }),
    )
  })
})
