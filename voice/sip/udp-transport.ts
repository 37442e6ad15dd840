/** SIP over UDP: one socket, one message a datagram. */
import { createSocket, type Socket } from 'node:dgram'
import { lookup as lookupName } from 'node:dns'
import { once } from 'node:events'
import { isIP } from 'node:net'
import type { Peer } from '#voice/sip/peer.ts'

export type UdpTransport = {
  readonly port: number
  send(to: Peer, text: string, failed: (() => void) | null): void
  close(): Promise<void>
}

/** A burst of 10,000 INVITEs of 500 octets; the system may grant less. */
const receive_buffer_bytes = 8 * 1024 * 1024

/** Rejects with the system's error (EADDRINUSE, …). `on_fault` hears of errors of the socket afterwards. */
export async function openUdp(
  host: string,
  port: number,
  received: (text: string, from: Peer) => void,
  on_fault: (error: unknown) => void,
): Promise<UdpTransport> {
  const socket = createSocket({ type: isIP(host) === 6 ? 'udp6' : 'udp4', lookup: lookupDirectly, reuseAddr: false })
  // Before bind(): with a resolver that answers at once, it is listening by the time bind() returns.
  const listening = once(socket, 'listening')
  socket.bind({ port, address: host })
  await listening
  socket.on('error', on_fault)
  growBuffer(socket)
  socket.on('message', (bytes, from) => {
    // CRLF keep-alives (RFC 5626) and the single zero octets of NAT helpers.
    if (bytes.length > 4)
      received(bytes.toString('latin1'), { transport: 'udp', address: from.address, port: from.port, connection: null })
  })
  return {
    port: socket.address().port,
    send(to, text, failed) {
      try {
        if (failed === null) socket.send(Buffer.from(text, 'latin1'), to.port, to.address)
        else
          socket.send(Buffer.from(text, 'latin1'), to.port, to.address, error => {
            if (error) failed()
          })
      } catch {
        // A port or address that cannot be sent to, or a closed socket: the same to the sender as a lost network.
        failed?.()
      }
    },
    async close() {
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}

function growBuffer(socket: Socket): void {
  try {
    socket.setRecvBufferSize(receive_buffer_bytes)
  } catch {
    // Systems that refuse rather than cap keep their default; retransmissions make up for it.
  }
}

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string, family: number) => void

/** An address needs no resolver: dgram's default costs every send a round through the event loop. */
function lookupDirectly(host: string, options: object, callback: LookupCallback): void {
  const family = isIP(host)
  if (family !== 0) callback(null, host, family)
  else lookupName(host, { ...options, all: false }, callback)
}
