import { connectApp } from './support/app.ts'
import { expect, test } from './support/test.ts'

for (const [what, options] of [
  ['the forever-iframe carries', { transports: ['forever-iframe'] }],
  ['the ladder finds the forever-iframe', {}],
] as const) {
  test(`under the policy connect-src 'none' ${what}`, async ({ site, tab }) => {
    site.headers('/', { 'content-security-policy': "default-src 'self'; connect-src 'none'" })
    await tab.goto(site.url('/'))
    await connectApp(tab, options)
    expect(
      await tab.run(async () => {
        const { socket, received, when } = window.app
        socket.send('through the frame')
        socket.send(new Uint8Array([1, 2, 3]))
        await when('the echo came', () => received.length > 1)
        return [socket.transport, received[0], Array.from(received[1] as Uint8Array)]
      }),
    ).toEqual(['forever-iframe', 'through the frame', [1, 2, 3]])
  })
}
