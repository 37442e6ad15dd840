/** One whole call by raw datagrams: answered and hung up at once, or refused. */
import { randomUUID } from 'node:crypto'
import { openRawCaller, rawOffer, rawRequest } from '#tests/peers/raw-sip.ts'

export type RawCallResult = {
  readonly status: number
  /** The version that answered, by the header that Patchcord puts into its 200. */
  readonly version: number | null
}

/** Rejects when there is no final answer within five seconds. */
export const placeRawCall = async (
  remote_port: number,
  service: string,
  from_user = '+15550009999',
): Promise<RawCallResult> => {
  const caller = await openRawCaller(remote_port)
  try {
    const dialog = { uri: `sip:${service}@127.0.0.1:${remote_port}`, call_id: randomUUID(), from_user }
    const branch = randomUUID()
    // Nobody listens there: what is said into a call that ends at once need not be heard.
    const sdp = rawOffer('127.0.0.1', 9)
    caller.send(rawRequest(caller, { method: 'INVITE', ...dialog, branch, cseq: 1, sdp }))
    const { status, to_tag, text } = await caller.response(each => each.method === 'INVITE' && each.status >= 200)
    if (status >= 300) {
      caller.send(rawRequest(caller, { method: 'ACK', ...dialog, branch, cseq: 1, to_tag }))
      return { status, version: null }
    }
    caller.send(rawRequest(caller, { method: 'ACK', ...dialog, branch: randomUUID(), cseq: 1, to_tag }))
    caller.send(rawRequest(caller, { method: 'BYE', ...dialog, branch: randomUUID(), cseq: 2, to_tag }))
    await caller.response(each => each.method === 'BYE' && each.status === 200)
    const version = /^X-Patchcord-Version:\s*(\d+)/im.exec(text)?.[1]
    return { status, version: version === undefined ? null : Number(version) }
  } finally {
    caller.close()
  }
}
