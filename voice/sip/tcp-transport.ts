/** SIP over TCP: a listener, and connections of our own where none is open to the other end. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { hostPort, type Peer } from '#voice/sip/peer.ts'
import { isLoopback } from '#voice/sip/rate-limit.ts'
import { frameStream, nothing_held } from '#voice/sip/stream-framing.ts'
import type { TimerHandle, Timers } from '#voice/sip/timers.ts'

export type Connection = { readonly socket: Socket; open: boolean }

export type TcpTransport = {
  send(to: Peer, text: string, failed: (() => void) | null): void
  close(): Promise<void>
}

export type TcpLimits = {
  readonly connections: number
  readonly connections_per_source: number
  /** Closed when nothing came or went for so long. */
  readonly idle_ms: number
  /** A message that was begun must be complete by then. */
  readonly message_ms: number
  /** What the other end does not read is not kept for it for ever. */
  readonly unsent_bytes: number
}

export const tcp_limits: TcpLimits = {
  connections: 2000,
  connections_per_source: 200,
  idle_ms: 900_000,
  message_ms: 30_000,
  unsent_bytes: 1_048_576,
}

export type TcpEvents = {
  received(text: string, from: Peer): void
  /** The header of something that no message can be cut from; the connection closes after this. */
  broken(text: string, from: Peer): void
  fault(error: unknown): void
}

/** Rejects with the system's error (EADDRINUSE, …). */
export async function openTcp(
  host: string,
  port: number,
  timers: Timers,
  events: TcpEvents,
  limits = tcp_limits,
): Promise<TcpTransport> {
  const connections = new Set<Connection>()
  const by_peer = new Map<string, Connection>()
  const per_source = new Map<string, number>()

  const server = createServer({ noDelay: true }, socket => {
    const address = socket.remoteAddress
    const from_source = address === undefined ? 0 : (per_source.get(address) ?? 0)
    const too_many = connections.size >= limits.connections || from_source >= limits.connections_per_source
    if (address === undefined || (too_many && !(isLoopback(address) && connections.size < limits.connections))) {
      socket.destroy()
      return
    }
    per_source.set(address, from_source + 1)
    socket.once('close', () => {
      const left = (per_source.get(address) ?? 1) - 1
      if (left > 0) per_source.set(address, left)
      else per_source.delete(address)
    })
    adopt(socket, address, socket.remotePort ?? 0)
  })
  server.listen(port, host)
  await once(server, 'listening')
  server.on('error', events.fault)

  function adopt(socket: Socket, address: string, peer_port: number): Connection {
    const connection: Connection = { socket, open: true }
    const key = hostPort(address, peer_port)
    connections.add(connection)
    by_peer.set(key, connection)
    socket.setTimeout(limits.idle_ms, () => socket.destroy())
    // 'close' follows every error and does what is to be done.
    socket.on('error', () => {})
    socket.on('close', () => {
      connection.open = false
      connections.delete(connection)
      if (by_peer.get(key) === connection) by_peer.delete(key)
    })
    readMessages(connection, { transport: 'tcp', address, port: peer_port, connection }, timers, events, limits)
    return connection
  }

  function connectionTo(to: Peer): Connection {
    if (to.connection?.open === true) return to.connection
    return (
      by_peer.get(hostPort(to.address, to.port)) ??
      adopt(connect({ host: to.address, port: to.port, noDelay: true }), to.address, to.port)
    )
  }

  return {
    send(to, text, failed) {
      const { socket } = connectionTo(to)
      if (socket.writableLength > limits.unsent_bytes) socket.destroy()
      socket.write(text, 'latin1', error => {
        if (error) failed?.()
      })
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const { socket } of connections) socket.destroy()
      await closed
    },
  }
}

function readMessages(connection: Connection, from: Peer, timers: Timers, events: TcpEvents, limits: TcpLimits): void {
  const { socket } = connection
  let held = nothing_held
  let unfinished: TimerHandle | null = null
  const finished = () => {
    if (unfinished !== null) timers.clear(unfinished)
    unfinished = null
  }
  socket.on('close', finished)
  socket.on('data', bytes => {
    if (!connection.open || socket.destroyed) return
    const framed = frameStream(held, typeof bytes === 'string' ? bytes : bytes.toString('latin1'))
    held = framed.held
    if (framed.messages.length > 0 || held.text === '') finished()
    if (held.text !== '') unfinished ??= timers.set(limits.message_ms, () => socket.destroy())
    if (framed.pings > 0) socket.write('\r\n'.repeat(framed.pings))
    for (const message of framed.messages) events.received(message, from)
    if (framed.broken === null) return
    events.broken(framed.broken, from)
    connection.open = false
    socket.end()
    unfinished ??= timers.set(limits.message_ms, () => socket.destroy())
  })
}
