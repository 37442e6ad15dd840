/** UDP and TCP on the same port, behind one door. */
import type { Peer } from '#voice/sip/peer.ts'
import { openTcp, type TcpEvents, type TcpTransport } from '#voice/sip/tcp-transport.ts'
import type { Timers } from '#voice/sip/timers.ts'
import { openUdp } from '#voice/sip/udp-transport.ts'

export type Transports = {
  readonly port: number
  /** Never throws; `failed` when it is known not to have gone out. */
  send(to: Peer, text: string, failed: (() => void) | null): void
  close(): Promise<void>
}

const attempts = 20

/** Rejects with the system's error. Port 0: one that is free for both. */
export async function openTransports(
  host: string,
  port: number,
  timers: Timers,
  events: TcpEvents,
): Promise<Transports> {
  for (let attempt = 1; ; attempt += 1) {
    const udp = await openUdp(host, port, events.received, events.fault)
    let tcp: TcpTransport
    try {
      tcp = await openTcp(host, udp.port, timers, events)
    } catch (error) {
      await udp.close()
      if (port === 0 && attempt < attempts) continue
      throw error
    }
    return {
      port: udp.port,
      send: (to, text, failed) => (to.transport === 'udp' ? udp : tcp).send(to, text, failed),
      close: async () => {
        await Promise.all([udp.close(), tcp.close()])
      },
    }
  }
}
