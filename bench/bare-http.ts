/** A process that answers every request with the same bytes over bare node:http: the floor under any HTTP service. */
import { createServer } from 'node:http'

const body = Buffer.from(process.argv[2] ?? '{}')

const server = createServer((request, response) => {
  request.resume()
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length })
  response.end(body)
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) process.stdout.write(`${address.port}\n`)
})
process.stdin.resume().once('end', () => process.exit())
