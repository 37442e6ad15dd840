/**
 * Files that nobody reads without the installation's key, and nobody changes unseen: a line that says what it is, then frames
 * under a key of the file's own (HKDF of the key and a random salt), AES-256-GCM, their nonces counted. A frame that was
 * changed or moved does not open; one that a crash cut short is as if it had never been written.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { SealedError, type SecretBox } from '#store/secret-box.ts'

const FORM = 'patchcord-sealed-1'
const SALT_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const LENGTH_BYTES = 4
/** A damaged length must not take all the memory there is. */
const FRAME_BYTES_MAX = 64 * 1024 * 1024

const nonceOf = (index: number): Buffer => {
  const nonce = Buffer.alloc(NONCE_BYTES)
  nonce.writeUInt32BE(index, NONCE_BYTES - 4)
  return nonce
}

/** The bytes of a file, to be written one after the other. */
export type FrameSealer = { readonly header: Buffer; frame(text: string): Buffer }

/** `purpose`: what kind of file; it opens as no other. */
export const sealFrames = (secrets: SecretBox, purpose: string): FrameSealer => {
  const salt = randomBytes(SALT_BYTES)
  const key = secrets.derive(salt, purpose)
  let index = 0
  return {
    header: Buffer.from(`${FORM} ${secrets.key_id} ${salt.toString('hex')}\n`),
    frame: text => {
      const cipher = createCipheriv('aes-256-gcm', key, nonceOf(index))
      index += 1
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
      const length = Buffer.alloc(LENGTH_BYTES)
      length.writeUInt32BE(sealed.length)
      return Buffer.concat([length, sealed])
    },
  }
}

/** A file that grows. */
export type SealedLog = {
  /** Resolves with the bytes that were written; they are on the device within a second. */
  append(text: string): Promise<number>
  close(): Promise<void>
}

const SYNC_AFTER_MS = 1000

/** Makes the file, mode 0600; rejects when there is one. */
export const openSealedLog = async (file: string, secrets: SecretBox, purpose: string): Promise<SealedLog> => {
  const sealer = sealFrames(secrets, purpose)
  const handle = await open(file, 'ax', 0o600)
  try {
    await handle.appendFile(sealer.header)
  } catch (error) {
    // A full disk is asked again and again: neither descriptors nor empty files may pile up.
    await handle.close().catch(() => {})
    await rm(file, { force: true }).catch(() => {})
    throw error
  }
  let timer: NodeJS.Timeout | null = null
  let sync_error: unknown = null
  const sync = (): void => {
    timer = null
    handle.datasync().catch(error => {
      sync_error ??= error
    })
  }
  return {
    append: async text => {
      if (sync_error !== null) throw sync_error
      const frame = sealer.frame(text)
      await handle.appendFile(frame)
      timer ??= setTimeout(sync, SYNC_AFTER_MS).unref()
      return frame.length
    },
    close: async () => {
      if (timer !== null) clearTimeout(timer)
      try {
        if (timer !== null) await handle.datasync()
        if (sync_error !== null) throw sync_error
      } finally {
        await handle.close()
      }
    },
  }
}

/** So that a rename outlives a power failure. */
export const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const HEADER = new RegExp(`^${FORM} ([0-9a-f]{8}) ([0-9a-f]{${2 * SALT_BYTES}})\n$`)
const HEADER_BYTES = FORM.length + 1 + 8 + 1 + 2 * SALT_BYTES + 1

/** Fewer bytes than asked for: the file ends. */
const readBytes = async (handle: FileHandle, count: number): Promise<Buffer> => {
  const buffer = Buffer.allocUnsafe(count)
  let filled = 0
  while (filled < count) {
    const { bytesRead } = await handle.read(buffer, filled, count - filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}

const openFrame = (sealed: Buffer, key: Uint8Array, index: number): string => {
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(index), { authTagLength: TAG_BYTES })
  try {
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
    return decipher.update(sealed.subarray(0, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    throw new SealedError(`frame ${index} was changed`)
  }
}

/**
 * The frames' texts in order. Throws SealedError where something does not open: another key, another purpose, damage; what
 * was given before it is whole. Throws the file system's errors, too.
 */
export async function* readFrames(file: string, secrets: SecretBox, purpose: string): AsyncGenerator<string> {
  const handle = await open(file, 'r')
  try {
    const header = await readBytes(handle, HEADER_BYTES)
    if (header.length < HEADER_BYTES) return
    const [, key_id, salt] = HEADER.exec(header.toString('latin1')) ?? []
    if (key_id === undefined || salt === undefined) throw new SealedError('this is no sealed file of this form')
    if (key_id !== secrets.key_id) throw new SealedError(`sealed with the key ${key_id}, and this is ${secrets.key_id}`)
    const key = secrets.derive(Buffer.from(salt, 'hex'), purpose)
    for (let index = 0; ; index++) {
      const length = await readBytes(handle, LENGTH_BYTES)
      if (length.length < LENGTH_BYTES) return
      const bytes = length.readUInt32BE()
      if (bytes < TAG_BYTES || bytes > FRAME_BYTES_MAX) throw new SealedError(`frame ${index} was changed`)
      const sealed = await readBytes(handle, bytes)
      if (sealed.length < bytes) return
      yield openFrame(sealed, key, index)
    }
  } finally {
    await handle.close()
  }
}
