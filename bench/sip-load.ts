/** Run as a process of its own by bench/sip.ts: sends INVITEs over UDP, each ended by its refusal and an ACK;
 * at a given rate, or as fast as they are answered with a number of them open at any time. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { quantile } from '#bench/measure.ts'

/** Argument of the process, as JSON. */
export type LoadOrder = {
  readonly port: number
  readonly seconds: number
  readonly open_calls: number
  readonly calls_per_second: number | null
}
/** What it prints, as JSON. */
export type LoadReport = {
  readonly finished: number
  readonly failed: number
  readonly seconds: number
  readonly p50_ms: number
  readonly p99_ms: number
}

const ANSWER_LIMIT_MS = 1000

const order: LoadOrder = JSON.parse(process.argv[2] ?? '{}')
const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20, sendBufferSize: 4 << 20 })
socket.bind(0, '127.0.0.1')
await once(socket, 'listening')
const local = `127.0.0.1:${socket.address().port}`
const target = `sip:+15551234567@127.0.0.1:${order.port}`
const sdp = [
  'v=0',
  'o=load 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 40000 RTP/AVP 0 8 101',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=sendrecv',
  '',
].join('\r\n')

const request = (method: 'INVITE' | 'ACK', call: number, to_tag: string, body: string): string =>
  `${method} ${target} SIP/2.0\r\n` +
  `Via: SIP/2.0/UDP ${local};rport;branch=z9hG4bKload${call}\r\n` +
  'Max-Forwards: 70\r\n' +
  `From: "Load" <sip:+15550009999@${local}>;tag=f${call}\r\n` +
  `To: <${target}>${to_tag}\r\n` +
  `Call-ID: ${call}@load${process.pid}\r\n` +
  `CSeq: 1 ${method}\r\n` +
  (method === 'INVITE'
    ? `Contact: <sip:+15550009999@${local}>\r\nUser-Agent: load\r\nContent-Type: application/sdp\r\n`
    : '') +
  `Content-Length: ${body.length}\r\n\r\n${body}`

const send = (text: string): void => socket.send(Buffer.from(text, 'latin1'), order.port, '127.0.0.1')

const sent_at = new Map<number, number>()
const times_ms: number[] = []
let failed = 0
let next = 0
let running = true

const open = (): void => {
  const call = next++
  sent_at.set(call, performance.now())
  send(request('INVITE', call, '', sdp))
}

socket.on('message', datagram => {
  const text = datagram.toString('latin1')
  const status = Number(text.slice(8, 11))
  if (status < 200) return
  const call = Number(/^call-id:\s*(\d+)@/im.exec(text)?.[1])
  const at = sent_at.get(call)
  if (at === undefined) return
  sent_at.delete(call)
  if (status === 302) times_ms.push(performance.now() - at)
  else failed += 1
  send(request('ACK', call, /^to:[^\r]*(;tag=[^;\r]+)/im.exec(text)?.[1] ?? '', ''))
  if (running && order.calls_per_second === null) open()
})

// What is not answered in time has failed: there are no retransmissions here that would hide a lost message.
const sweep = setInterval(() => {
  for (const [call, at] of sent_at) {
    if (performance.now() - at < ANSWER_LIMIT_MS) break
    sent_at.delete(call)
    failed += 1
    if (running && order.calls_per_second === null) open()
  }
}, 100)

const started = performance.now()
const pace = (calls_per_second: number): void => {
  const due = (performance.now() - started) * (calls_per_second / 1000)
  // Never so many at once that the burst, not the stack, makes them wait.
  for (let burst = 0; burst < order.open_calls && next < due; burst++) open()
  if (running) setImmediate(() => pace(calls_per_second))
}

if (order.calls_per_second === null) for (let call = 0; call < order.open_calls; call++) open()
else pace(order.calls_per_second)
setTimeout(() => {
  running = false
  const seconds = (performance.now() - started) / 1000
  setTimeout(() => {
    clearInterval(sweep)
    socket.close()
    failed += sent_at.size
    const report: LoadReport = {
      finished: times_ms.length,
      failed,
      seconds,
      p50_ms: quantile(times_ms, 0.5),
      p99_ms: quantile(times_ms, 0.99),
    }
    process.stdout.write(JSON.stringify(report))
  }, ANSWER_LIMIT_MS)
}, order.seconds * 1000)
