/**
 * What trunks keep secret. Callers' passwords are kept only as the hashes that digest authentication needs: whoever reads
 * them can call through this trunk, and learns nothing that opens another door. Carriers choose their own realm, so the
 * password that we call them with is kept itself.
 */
import { createHash } from 'node:crypto'
import type { TrunkCredentials } from '#core/routing-table.ts'
import { SIP_REALM } from '#core/trunk.ts'
import type { SecretBox } from '#store/secret-box.ts'

const inboundOf = (trunk_id: string): string => `trunk ${trunk_id} inbound`
const outboundOf = (trunk_id: string): string => `trunk ${trunk_id} outbound`

/** H(username:realm:password), RFC 7616 3.4.2. */
export const credentialsOf = (username: string, password: string): TrunkCredentials => {
  const hashed = (algorithm: string): string =>
    createHash(algorithm).update(`${username}:${SIP_REALM}:${password}`).digest('hex')
  return { username, md5: hashed('md5'), sha256: hashed('sha256') }
}

export const sealInbound = (secrets: SecretBox, trunk_id: string, username: string, password: string): string =>
  secrets.seal(JSON.stringify(credentialsOf(username, password)), inboundOf(trunk_id))

/** Throws SealedError. */
export const openInbound = (secrets: SecretBox, trunk_id: string, sealed: string): TrunkCredentials =>
  JSON.parse(secrets.open(sealed, inboundOf(trunk_id)))

export const sealOutbound = (secrets: SecretBox, trunk_id: string, password: string): string =>
  secrets.seal(password, outboundOf(trunk_id))

/** Throws SealedError. */
export const openOutbound = (secrets: SecretBox, trunk_id: string, sealed: string): string =>
  secrets.open(sealed, outboundOf(trunk_id))
