/** Asks callers for the credentials of a trunk, and checks what they answer (RFC 3261 22, RFC 7616, RFC 8760). */
import { timingSafeEqual } from 'node:crypto'
import type { Clock } from '#app/ports.ts'
import type { CallSource, IncomingCall } from '#core/call.ts'
import type { Proof } from '#core/route-source.ts'
import type { TrunkRoute } from '#core/routing-table.ts'
import { SIP_REALM } from '#core/trunk.ts'
import {
  type DigestAlgorithm,
  type DigestQuestion,
  digestAlgorithm,
  digestResponse,
  parseDigest,
} from '#voice/sip/digest.ts'
import { digestNonces } from '#voice/sip/digest-nonce.ts'
import { guessLimit } from '#voice/sip/guess-limit.ts'

/** WWW-Authenticate values of a 401, the one we like best first (RFC 8760 2.4). */
export type Challenges = (source: CallSource, stale: boolean) => readonly string[]

export type DigestServer = {
  authenticate(call: IncomingCall, asking: readonly TrunkRoute[]): Proof
  readonly challenges: Challenges
}

type Answer = DigestQuestion & { readonly username: string; readonly response: string; readonly count: number }

/** A count that comes after all others: an answer without one is good once. */
const LAST_COUNT = 2 ** 32

export type DigestOptions = {
  readonly clock: Clock
  /** What nonces are sealed with, of this process alone. */
  readonly key: Uint8Array
  /** Offered in this order, and no others taken. */
  readonly algorithms: readonly DigestAlgorithm[]
}

export function createDigestServer(deps: DigestOptions): DigestServer {
  const nonces = digestNonces(deps.key, deps.clock.now_ms)
  const guesses = guessLimit(deps.clock.now_ms)
  return {
    authenticate(call, asking) {
      const { address } = call.source
      const answer = readAnswer(call.authorization)
      if (answer === null || !deps.algorithms.includes(answer.algorithm)) return refused('credentials_missing')
      if (guesses.blocked(address)) return refused('credentials_blocked')
      // Before anything is computed: whether a password is right is never told for a nonce that could not be counted.
      if (!nonces.use(answer.nonce, address, answer.count)) return refused('credentials_stale')
      const trunks = asking.filter(trunk => isProven(trunk, answer))
      if (trunks.length > 0) return { kind: 'proven', trunks }
      guesses.wrong(address)
      return refused('credentials_wrong')
    },
    challenges(source, stale) {
      const nonce = nonces.make(source.address)
      const shared = `Digest realm="${SIP_REALM}", nonce="${nonce}", qop="auth"${stale ? ', stale=true' : ''}`
      return deps.algorithms.map(algorithm => `${shared}, algorithm=${algorithm}`)
    },
  }
}

function refused(reason: (Proof & { kind: 'refused' })['reason']): Proof {
  return { kind: 'refused', reason }
}

/** The answer for our realm; others may stand beside it (RFC 3261 22.3). null: none that can be read. */
function readAnswer(headers: readonly string[]): Answer | null {
  for (const header of headers) {
    const answer = readHeader(header)
    if (answer !== null) return answer
  }
  return null
}

/**
 * `uri` is taken as it stands: proxies rewrite the Request-URI and telephones name their registrar, so that comparing the
 * two refuses the honest; an answer is good once, whatever it names.
 */
function readHeader(header: string): Answer | null {
  const values = parseDigest(header)
  if (values?.get('realm') !== SIP_REALM) return null
  const algorithm = digestAlgorithm(values.get('algorithm') ?? null)
  const [username, uri, nonce, response] = ['username', 'uri', 'nonce', 'response'].map(name => values.get(name))
  if (algorithm === null || username === undefined || uri === undefined || nonce === undefined) return null
  if (response === undefined) return null
  const question = { algorithm, method: 'INVITE', uri, nonce, username, response: response.toLowerCase() }
  const qop = values.get('qop')
  if (qop === undefined) return { ...question, auth: null, count: LAST_COUNT }
  const nc = values.get('nc') ?? ''
  const cnonce = values.get('cnonce')
  if (qop.toLowerCase() !== 'auth' || !/^[0-9a-f]{8}$/i.test(nc) || cnonce === undefined) return null
  return { ...question, auth: { nc, cnonce }, count: Number.parseInt(nc, 16) }
}

function isProven({ credentials }: TrunkRoute, answer: Answer): boolean {
  if (credentials === null || credentials.username !== answer.username) return false
  const ha1 = answer.algorithm === 'MD5' ? credentials.md5 : credentials.sha256
  const expected = Buffer.from(digestResponse(answer, ha1))
  const given = Buffer.from(answer.response)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
