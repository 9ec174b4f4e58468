import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import net from 'node:net'
import { gzipSync } from 'node:zlib'
import { isPublic } from '../../../src/tools/built-in/web/addresses.ts'
import { fetchUrl } from '../../../src/tools/built-in/web/fetch-url.ts'
import { LocalNet } from '../../../src/tools/machine/net.ts'
import type { Net } from '../../../src/tools/ports.ts'
import { selfSigned } from '../../harness/certificate.ts'
import { SteadyTime } from '../../harness/steady.ts'
import { call } from './calls.ts'

type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void

/** A public address, as far as anyone who does not dial it knows. */
const PUBLIC = '93.184.215.14'

describe('fetch_url', () => {
  let server: http.Server
  let port: number
  let origin: string
  let answer: Answer
  let requests: http.IncomingMessage[]
  before(async () => {
    server = http.createServer((request, response) => {
      requests.push(request)
      answer(request, response)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
    origin = `http://127.0.0.1:${port}`
  })
  after(() => server.close())
  beforeEach(() => {
    requests = []
    answer = (_, response) => response.end('hello')
  })

  const reply =
    (body: string | Buffer, headers: http.OutgoingHttpHeaders = {}, status = 200): Answer =>
    (_, response) =>
      response.writeHead(status, headers).end(body)
  const page = (html: string): Answer => reply(html, { 'content-type': 'text/html; charset=utf-8' })
  const strict = new LocalNet(() => [])
  const here = (): Net => new LocalNet(() => [`127.0.0.1:${port}`])
  const get = (url: string, more: { offset?: number; raw?: boolean } = {}, using: Net = here(), signal?: AbortSignal) =>
    call(fetchUrl(using), { url, ...more }, signal ? { signal } : {})

  /** Names with the addresses they have, in turn; every dial of the public address ends up at the server. */
  function named(names: Record<string, string[][]>): Net & { dialled: string[] } {
    const dialled: string[] = []
    return {
      dialled,
      resolve: async (host) => {
        const [next, ...rest] = names[host] ?? []
        if (!next) throw new Error('ENOTFOUND')
        if (rest.length > 0) names[host] = rest
        return next
      },
      dial: (address) => {
        dialled.push(address)
        return net.connect({ host: '127.0.0.1', port })
      },
      allows: () => false,
    }
  }

  describe('refuses', () => {
    const refused = async (url: string, why: RegExp, using: Net = strict) => {
      const { failed, text } = await get(url, {}, using)
      assert.ok(failed && why.test(text), `${url}: ${text}`)
      assert.equal(requests.length, 0, `${url} was asked`)
    }

    it('addresses of this machine and of private networks, however they are written', async () => {
      for (const host of [
        ...[
          '127.0.0.1',
          '127.1',
          '2130706433',
          '0x7f000001',
          '0177.0.0.1',
          '0.0.0.0',
          '0',
          '[::1]',
          '[::]',
          '127.255.255.254',
        ],
        ...[
          '10.0.0.1',
          '172.16.0.1',
          '172.31.255.255',
          '192.168.1.1',
          '169.254.169.254',
          '100.64.0.1',
          '224.0.0.1',
          '255.255.255.255',
        ],
        ...[
          '[fc00::1]',
          '[fd00:ec2::254]',
          '[fe80::1]',
          '[ff02::1]',
          '[::ffff:127.0.0.1]',
          '[::ffff:7f00:1]',
          '[64:ff9b::7f00:1]',
        ],
        ...['[2002:7f00:1::]', '[2001::1]', '[::127.0.0.1]', 'localhost', 'LOCALHOST.', 'a.localhost', '１２７.0.0.1'],
      ]) {
        await refused(`http://${host}:${port}/`, /is an address of this machine or of a private network/)
      }
    })

    it('names that lead to such an address, also where others of its addresses are public', async () => {
      for (const address of [
        '127.0.0.1',
        '10.1.2.3',
        '169.254.169.254',
        '::1',
        'fe80::1%eth0',
        '::ffff:10.0.0.1',
        'fd12::1',
      ]) {
        const using = named({ 'evil.example': [[PUBLIC, address]] })
        await refused('https://evil.example/', /evil\.example \(.*\) is an address of this machine/, using)
        assert.deepEqual(using.dialled, [])
      }
    })

    it('what is no address of the web', async () => {
      await refused('file:///etc/passwd', /Only http and https/)
      await refused('ftp://example.com', /Only http and https/)
      await refused('data:text/html,hi', /Only http and https/)
      await refused('javascript:alert(1)', /Only http and https/)
      await refused('example.com/x', /is not an address/)
      await refused('https://user:secret@example.com/', /user name or password/)
    })

    it('before a person is asked, and without asking for the name’s address', async () => {
      const using = named({})
      using.resolve = async () => assert.fail('the name was looked up')
      const tool = fetchUrl(using)
      const signal = new AbortController().signal
      await assert.rejects(tool.preview!({ url: 'http://0x7f.1/' }, { signal }), /private network/)
      assert.deepEqual(await tool.preview!({ url: 'HTTPS://Example.com' }, { signal }), {
        kind: 'address',
        url: 'https://example.com/',
      })
    })
  })

  it('connects to the address that was checked, whatever the name means a moment later', async () => {
    const using = named({ 'rebind.example': [[PUBLIC], ['127.0.0.1']] })
    const { failed, text } = await get('http://rebind.example/', {}, using)
    assert.equal(failed, false, text)
    assert.deepEqual(using.dialled, [PUBLIC])
    assert.equal(requests[0]?.headers.host, 'rebind.example')
    assert.match(
      (await get('http://rebind.example/', {}, using)).text,
      /rebind\.example \(127\.0\.0\.1\) is an address/,
    )
    assert.deepEqual(using.dialled, [PUBLIC], 'nothing else was dialled')
  })

  it('tries the next address of a name where one takes no connection', async () => {
    const using = named({ 'two.example': [['2606:4700::1', PUBLIC]] })
    const dial = using.dial
    using.dial = (address, its) =>
      address === PUBLIC ? dial(address, its) : net.connect({ host: '127.0.0.1', port: 1 })
    assert.equal((await get('http://two.example/', {}, using)).text, 'hello')
    using.dial = () => net.connect({ host: '127.0.0.1', port: 1 })
    assert.match((await get('http://two.example/', {}, using)).text, /two\.example did not answer: .*ECONNREFUSED/)
  })

  it('checks each redirect: private addresses are refused, other servers named, the same one followed', async () => {
    const redirect = (location: string): Answer => reply('', { location }, 302)
    const using = named({ 'site.example': [[PUBLIC]], 'www.site.example': [[PUBLIC]] })
    for (const location of [
      'http://169.254.169.254/latest',
      `http://127.0.0.1:${port}/`,
      'http://[::1]/',
      'http://0x0a000001/',
    ]) {
      answer = redirect(location)
      assert.match(
        (await get('http://site.example/', {}, using)).text,
        /is an address of this machine or of a private network/,
      )
    }
    answer = redirect('file:///etc/passwd')
    assert.match((await get('http://site.example/', {}, using)).text, /Only http and https/)
    answer = redirect('https://other.example/x')
    assert.match(
      (await get('http://site.example/', {}, using)).text,
      /redirects to another server.*fetch https:\/\/other\.example\/x/,
    )
    answer = redirect('http://site.example:8080/')
    assert.match((await get('http://site.example/', {}, using)).text, /redirects to another server/)
    answer = (request, response) =>
      request.url === '/'
        ? redirect('/next')(request, response)
        : request.url === '/next'
          ? redirect('//www.site.example/end')(request, response)
          : response.end('arrived')
    assert.equal((await get('http://site.example/', {}, using)).text, 'arrived')
    answer = redirect('/again')
    assert.match((await get('http://site.example/', {}, using)).text, /redirects too often/)
  })

  it('resolves the name again for each redirect to it', async () => {
    answer = reply('', { location: '/next' }, 302)
    const using = named({ 'site.example': [[PUBLIC], ['10.0.0.1']] })
    assert.match((await get('http://site.example/', {}, using)).text, /site\.example \(10\.0\.0\.1\) is an address/)
    assert.equal(requests.length, 1)
  })

  it('fetches from this machine only what the settings allow, and only that port', async () => {
    assert.equal((await get(`${origin}/a`)).text, 'hello')
    assert.match((await get(`http://127.0.0.1:${port + 1}/`)).text, /private network/)
    assert.match((await get(`http://localhost:${port}/`)).text, /private network/)
    const whole = new LocalNet(() => ['LOCALHOST'])
    assert.equal((await get(`http://localhost:${port}/`, {}, whole)).text, 'hello')
  })

  it('sends no cookies, keys or body', async () => {
    await get(`${origin}/path?q=1`)
    const [request] = requests
    assert.equal(`${request?.method} ${request?.url}`, 'GET /path?q=1')
    assert.deepEqual(Object.keys(request!.headers).sort(), [
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ])
  })

  it('demands a certificate that this machine trusts', async () => {
    const secure = https.createServer({ key: selfSigned.key, cert: selfSigned.cert }, (_, response) =>
      response.end('secret'),
    )
    secure.listen(0, '127.0.0.1')
    await once(secure, 'listening')
    const { port: its } = secure.address() as AddressInfo
    const { failed, text } = await get(`https://127.0.0.1:${its}/`, {}, new LocalNet(() => ['127.0.0.1']))
    secure.close()
    assert.ok(failed && /did not answer: .*self.signed certificate/.test(text), text)
  })

  it('gives HTML as markdown: no scripts, no pictures that load, whole links', async () => {
    answer = page(
      `<html><head><title>T</title><style>x{}</style><script>evil()</script></head><body><h1>Title</h1>
       <p>Some <b>bold</b> text, <a href="/rel?a=(1)">a link</a>, <a href="javascript:alert(1)">a trick</a>.</p>
       <img src="https://tracker.example/x.png?secret" alt="A cat"><svg><script>1</script></svg>
       <pre><code>const a = 1 &lt; 2</code></pre><table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>
       <ul><li>one</li></ul><div aria-hidden="true">hidden orders</div><iframe src="http://x"></iframe></body></html>`,
    )
    const { text } = await get(`${origin}/`)
    assert.match(text, /^# Title$/m)
    assert.ok(text.includes(`Some **bold** text, [a link](${origin}/rel?a=%281%29), a trick.`), text)
    assert.ok(
      text.includes('[Picture: A cat]') &&
        text.includes('const a = 1 < 2') &&
        text.includes('| A | B |\n| --- | --- |\n| 1 | 2 |'),
      text,
    )
    assert.doesNotMatch(text, /evil|tracker|hidden orders|javascript|iframe|<script/)
    assert.match((await get(`${origin}/`, { raw: true })).text, /<h1>Title<\/h1>/)
  })

  it('gives nothing that acts or hides: no escapes, no invisible letters', async () => {
    answer = reply('a\u001b[31mb\u0007 \u202ec\u{e0041}\u200bd\r\n', { 'content-type': 'text/plain; charset=utf-8' })
    assert.equal((await get(`${origin}/`)).text, 'ab cd\n')
  })

  it('reads the charset of header, byte order mark or page', async () => {
    const cases: [Buffer, string][] = [
      [Buffer.from('caf\xe9', 'latin1'), 'text/plain; charset=ISO-8859-1'],
      [Buffer.from('\ufeffcafé', 'utf16le'), 'text/plain'],
      [Buffer.from('<meta charset="windows-1252"><p>caf\xe9</p>', 'latin1'), 'text/html'],
      [Buffer.from('café'), 'text/plain; charset=nonsense'],
    ]
    for (const [body, type] of cases) {
      answer = reply(body, { 'content-type': type })
      assert.equal((await get(`${origin}/`)).text, 'café', type)
    }
  })

  it('gives a long page in parts', async () => {
    const body = Array.from({ length: 10_000 }, (_, index) => `line ${index}`).join('\n')
    answer = reply(body, { 'content-type': 'text/plain' })
    let [all, offset] = ['', 0]
    while (all.length < body.length) {
      const { text } = await get(`${origin}/`, { offset })
      const note = text.lastIndexOf('\n(Characters ')
      all += note < 0 ? text : text.slice(0, note)
      offset = Number(/Go on with offset (\d+)/.exec(text)?.[1] ?? Infinity)
    }
    assert.equal(all, body)
  })

  it('takes no more than it may, also of what unfolds', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' })
      response.end(gzipSync(Buffer.alloc(200 * 1024 * 1024, 'a')))
    }
    const { text } = await get(`${origin}/`)
    assert.match(text, /The page is longer than 5 MB; the rest was not fetched/)
  }).timeout(90_000)

  it('gives pictures as pictures, and says what else is no text', async () => {
    const png = Buffer.from('89504e470d0a1a0a0000', 'hex')
    answer = reply(png, { 'content-type': 'image/png' })
    assert.deepEqual((await get(`${origin}/a.png`)).outcome.output, [
      { type: 'file', media: { mediaType: 'image/png', data: png.toString('base64') }, name: 'a.png' },
    ])
    answer = reply(Buffer.from('PK\0\0'), { 'content-type': 'application/zip' })
    assert.match((await get(`${origin}/`)).text, /no text but application\/zip \(4 bytes\)/)
  })

  it('tells what the server says where it fails, and who does not answer', async () => {
    answer = reply('<p>Not <b>here</b></p>', { 'content-type': 'text/html' }, 404)
    const missing = await get(`${origin}/`)
    assert.ok(missing.failed)
    assert.equal(missing.text, 'The server answered 404.\nNot **here**')
    answer = (request) => request.socket.destroy()
    assert.match((await get(`${origin}/`)).text, /did not answer/)
    assert.match((await get('https://gone.example/', {}, named({}))).text, /There is no server gone\.example/)
  })

  it('ends at once when it is stopped, whatever it waits for', async () => {
    for (const waiting of [
      () => {},
      (_: unknown, response: http.ServerResponse) => void response.writeHead(200).write('x'),
    ] as Answer[]) {
      answer = waiting
      const stop = new AbortController()
      const asked = once(server, 'request')
      const fetching = get(`${origin}/`, {}, here(), stop.signal)
      await asked
      using time = new SteadyTime()
      const started = performance.now()
      stop.abort()
      assert.ok((await fetching).failed)
      assert.ok(time.between(started) < 500, `${time.between(started)} ms`)
    }
  })

  it('ends at once when it is stopped while the name is looked up', async () => {
    const using = named({})
    using.resolve = () => new Promise(() => {})
    const stop = new AbortController()
    const fetching = get('https://slow.example/', {}, using, stop.signal)
    setTimeout(() => stop.abort(), 20)
    assert.ok((await fetching).failed)
  })

  it('survives HTML that is nested deeper than a program can follow', async () => {
    answer = page(`${'<div>'.repeat(20_000)}deep<script>no</script> 1 < 2${'</div>'.repeat(20_000)}`)
    assert.equal((await get(`${origin}/`)).text, 'deep 1 < 2')
  }).timeout(90_000)

  it('knows public addresses from others', () => {
    for (const address of [
      '8.8.8.8',
      '1.1.1.1',
      PUBLIC,
      '172.32.0.1',
      '100.128.0.1',
      '2606:4700::1111',
      '2a00:1450:4001::1',
    ]) {
      assert.ok(isPublic(address), address)
    }
    for (const address of ['', 'example.com', '2001:db8::1', '3fff::1', '4000::1', '198.19.0.1', '2606:4700::1%lo']) {
      assert.ok(!isPublic(address), address)
    }
  })
})
