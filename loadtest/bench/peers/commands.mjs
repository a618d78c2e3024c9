// Obeys the bench's lines on standard input, as fanout_servers.py does: `publish PAYLOAD` and `usage`.
import { createInterface } from 'node:readline'

export const SECRET = process.env.BENCH_SECRET
export const FIRST_FRAME = 'x'.repeat(600)

export function bearer(headers) {
  return (headers.authorization ?? '').replace(/^Bearer /, '')
}

export function obey(server, publish) {
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(server.address().port))
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    if (line.startsWith('publish ')) {
      console.log(publish(line.slice('publish '.length)))
    } else {
      globalThis.gc?.()
      console.log('0')
    }
  })
  lines.on('close', () => process.exit(0))
}
