/** Before a call: where is the far end, from which of our addresses is it reached, and does anything listen there? */
import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { connect } from 'node:net'

/** On the local machine a closed port says so at once; farther away, silence proves nothing and is not waited for. */
const REFUSAL_MS = 150
const CONNECT_MS = 5000

export type Reach = { readonly address: string; readonly local_address: string }

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown')

/** Sends an RFC 5626 keep-alive over a connected socket: only there does the system report ICMP's refusal. */
const probeUdp = (address: string, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = createSocket('udp4')
    let waiting: NodeJS.Timeout | undefined
    const end = (settle: () => void): void => {
      clearTimeout(waiting)
      socket.close()
      settle()
    }
    socket.on('error', error => end(() => reject(error)))
    socket.connect(port, address, () => {
      const local_address = socket.address().address
      socket.send('\r\n\r\n')
      waiting = setTimeout(() => end(() => resolve(local_address)), REFUSAL_MS)
    })
  })

const probeTcp = (address: string, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, timeout: CONNECT_MS })
    const end = (settle: () => void): void => {
      socket.destroy()
      settle()
    }
    socket.once('connect', () => end(() => resolve(socket.localAddress ?? address)))
    socket.once('timeout', () => end(() => reject(new Error('timeout'))))
    socket.once('error', error => end(() => reject(error)))
  })

/** The way there, or a sentence that says why there is none. */
export const reach = async (host: string, port: number, transport: 'udp' | 'tcp'): Promise<Reach | string> => {
  const found = await lookup(host, { family: 4 }).catch(() => null)
  if (found === null) return `no IPv4 address is known for ${host}`
  const { address } = found
  try {
    const local_address = await (transport === 'udp' ? probeUdp(address, port) : probeTcp(address, port))
    return { address, local_address }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ECONNREFUSED')
      return `nothing listens on ${host}:${port} (${transport}); is Patchcord running? npm start`
    return `${host}:${port} cannot be reached over ${transport} (${code})`
  }
}
