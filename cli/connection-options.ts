/** What every command takes besides its own: where Patchcord is asked, and as whom. */

export const CONNECTION_OPTIONS = {
  host: { type: 'string' },
  key: { type: 'string' },
  org: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

export const CONNECTION_USAGE = `  --host URL         where Patchcord serves HTTP (default: http://HOST:PORT, or http://127.0.0.1:8080)
  --key KEY          the credential (default: PATCHCORD_KEY, or DATA_DIR/bootstrap-key)
  --org ID           the organization, for a personal token`

export type Connection = {
  /** Without a path; null: the default. */
  readonly host: string | null
  readonly key: string | null
  readonly organization_id: string | null
}

/** A bare host is meant as http. */
export const parseUrl = (text: string): URL | null => URL.parse(/^https?:\/\//i.test(text) ? text : `http://${text}`)

/** The connection, or a sentence that says what is wrong with it. */
export const parseConnection = (values: {
  readonly host?: string | undefined
  readonly key?: string | undefined
  readonly org?: string | undefined
}): Connection | string => {
  const { host, key = null, org = null } = values
  const url = host === undefined ? null : parseUrl(host)
  if (host !== undefined && url === null) return `--host: "${host}" is not a URL such as http://127.0.0.1:8080`
  return { host: url?.origin ?? null, key, organization_id: org }
}
