/** The key that stored secrets are sealed with: given, or made once and kept in DATA_DIR. */
import { randomBytes } from 'node:crypto'
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, parseSecretKey } from '#server/config.ts'
import { StartError } from '#server/start-error.ts'
import type { Db } from '#store/database.ts'
import { findForeignSecret } from '#store/sealed-secrets.ts'
import { keyIdOf, SECRET_KEY_BYTES, type SecretBox } from '#store/secret-box.ts'

const read = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw new StartError(`The key in ${file} cannot be read (${String(error)}).`)
  }
}

/** Whole or not at all, whenever the machine stops. The directory is this process's alone (store/data-dir.ts). */
const make = (file: string): string => {
  const key = randomBytes(SECRET_KEY_BYTES).toString('hex')
  writeFileSync(`${file}.new`, `${key}\n`, { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
  return key
}

/** Throws StartError when the file holds no key. */
export const loadSecretKey = (config: Pick<Config, 'secret_key' | 'data_dir'>): Uint8Array => {
  if (config.secret_key !== null) return config.secret_key
  const file = join(config.data_dir, 'secret-key')
  const key = parseSecretKey(read(file) ?? make(file))
  if (key === undefined)
    throw new StartError(`${file} holds no key: put back the one that was there, or set SECRET_KEY to it.`)
  chmodSync(file, 0o600)
  return key
}

/** Throws StartError when something in the database is sealed with another key. */
export const requireOwnSecrets = async (db: Db, secrets: SecretBox): Promise<void> => {
  const foreign = await findForeignSecret(db, secrets.key_id)
  if (foreign === undefined) return
  throw new StartError(
    `SECRET_KEY is not the one that this database’s secrets were sealed with: they name the key ${keyIdOf(foreign)}, ` +
      `this is ${secrets.key_id}. Start with the former key.`,
  )
}
