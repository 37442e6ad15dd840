/** Why the program could not start, as one sentence for the person who started it. */
import type { Config } from '#server/config.ts'
import { StartError } from '#server/start-error.ts'
import { DatabaseNewerError } from '#store/migrate.ts'
import { StorageError } from '#store/storage-error.ts'

type SocketFault = {
  readonly code: string
  readonly address: string
  /** null: any free one was asked for. */
  readonly port: number | null
}

/**
 * Node's own words, `listen EADDRINUSE: address already in use 127.0.0.1:8080`, for a socket that could not be opened:
 * the error's other fields are lost on the way out of a worker thread.
 */
function findSocketFault(error: unknown): SocketFault | null {
  if (!(error instanceof Error)) return null
  const [, code, address, port] =
    /\b(?:listen|bind|getaddrinfo) (E[A-Z_]+)\b(?:.* )?(\S+?)(?::(\d+))?$/.exec(error.message) ?? []
  if (code === undefined || address === undefined) return findSocketFault(error.cause)
  return { code, address, port: port === undefined ? null : Number(port) }
}

function socketSentence(fault: SocketFault, config: Config): string {
  const is_sip =
    fault.port === null
      ? fault.address === config.sip_host && fault.address !== config.http_host
      : fault.port === config.sip_port && fault.port !== config.http_port
  const [what, host, port] = is_sip ? ['SIP', 'SIP_HOST', 'SIP_PORT'] : ['HTTP', 'HOST', 'PORT']
  const where = fault.port === null ? fault.address : `${fault.address}:${fault.port}`
  switch (fault.code) {
    case 'EADDRINUSE':
      return `Cannot serve ${what} on ${where}: the port is in use by another program; stop that, or set ${port}.`
    case 'EADDRNOTAVAIL':
      return `Cannot serve ${what} on ${where}: this machine does not have that address; set ${host}.`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `Cannot serve ${what} on ${where}: that host name cannot be resolved; set ${host}.`
    case 'EACCES':
      return `Cannot serve ${what} on ${where}: this user may not open that port; set ${port} to 1024 or more.`
    default:
      return `Cannot serve ${what} on ${where} (${fault.code}).`
  }
}

/** null: nothing that was foreseen; the error itself belongs into the log. */
export function startSentence(error: unknown, config: Config): string | null {
  if (error instanceof StartError || error instanceof StorageError || error instanceof DatabaseNewerError)
    return error.message
  const fault = findSocketFault(error)
  return fault === null ? null : socketSentence(fault, config)
}
