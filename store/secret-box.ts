/**
 * Secrets at rest: AES-256-GCM under one key of the installation. A sealed text names its key, so that a wrong key is told
 * from a damaged text, and is bound to what it belongs to, so that it opens nowhere else.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'

export const SECRET_KEY_BYTES = 32

/** Thrown by `open`; the message says why and never what. */
export class SealedError extends Error {
  override readonly name = 'SealedError'
}

export type SecretBox = {
  /** Says which key it is and nothing about it. */
  readonly key_id: string
  /** `purpose`: what the secret belongs to, such as a trunk's id and the field's name. */
  seal(secret: string, purpose: string): string
  /** Throws SealedError: another key, another purpose, or a damaged text. */
  open(sealed: string, purpose: string): string
  /** HMAC-SHA-256: equal for equal texts, and says nothing of a text to whoever guesses at it without the key. */
  mac(text: string): Buffer
  /** A key for one thing alone, such as a file: the same for the same salt (random, 32 bytes) and purpose. */
  derive(salt: Uint8Array, purpose: string): Uint8Array
}

const FORM = 'v1'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** The id of the key that sealed a text; null when it is no sealed text. */
export const keyIdOf = (sealed: string): string | null => /^v1\.([0-9a-f]{8})\./.exec(sealed)?.[1] ?? null

/** `key`: 32 bytes. */
export const createSecretBox = (key: Uint8Array): SecretBox => {
  if (key.length !== SECRET_KEY_BYTES) throw new Error('a secret key has 32 bytes')
  const key_id = createHash('sha256').update('patchcord key id').update(key).digest('hex').slice(0, 8)
  const seal = (secret: string, purpose: string): string => {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose))
    const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
    return `${FORM}.${key_id}.${Buffer.concat([nonce, text, cipher.getAuthTag()]).toString('base64url')}`
  }
  const open = (sealed: string, purpose: string): string => {
    const sealed_with = keyIdOf(sealed)
    if (sealed_with === null) throw new SealedError('this is no sealed secret')
    if (sealed_with !== key_id) throw new SealedError(`sealed with the key ${sealed_with}, and this is ${key_id}`)
    const bytes = Buffer.from(sealed.split('.')[2] ?? '', 'base64url')
    if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new SealedError('the sealed secret is cut short')
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(-TAG_BYTES))
    try {
      return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    } catch {
      throw new SealedError('the sealed secret was changed, or belongs to something else')
    }
  }
  // A key of its own: what is known of one use helps nobody with the other.
  const mac_key = Buffer.from(hkdfSync('sha256', key, '', 'patchcord mac', SECRET_KEY_BYTES))
  const mac = (text: string): Buffer => createHmac('sha256', mac_key).update(text).digest()
  const derive = (salt: Uint8Array, purpose: string): Uint8Array =>
    Buffer.from(hkdfSync('sha256', key, salt, `patchcord ${purpose}`, SECRET_KEY_BYTES))
  return { key_id, seal, open, mac, derive }
}
