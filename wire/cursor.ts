/** Where the next page of a list begins, as text. Ours is opaque; the Base64 of a `created_at` alone works too. */
import { UUID_PATTERN } from '#wire/schema.ts'
import { toUtc } from '#wire/timestamp.ts'

/** After the row with this time and id; `id` null: strictly before that time. */
export type Cursor = { readonly created_at: string; readonly id: string | null }

const ID_PATTERNS = { uuid: new RegExp(UUID_PATTERN), text: /^[A-Za-z0-9_-]{1,64}$/ } as const

/** What kind of ids a list is ordered by. */
export type IdKind = keyof typeof ID_PATTERNS

export const encodeCursor = (next: { readonly created_at: string; readonly id: string }): string =>
  Buffer.from(`${next.created_at} ${next.id}`).toString('base64url')

/** null when the text is no cursor of such a list. */
export const decodeCursor = (text: string, ids: IdKind): Cursor | null => {
  // In a query the `+` of Base64 arrives as a blank.
  const given = text
    .replaceAll(' ', '+')
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/={0,2}$/, '')
  const bytes = Buffer.from(given, 'base64url')
  if (given === '' || bytes.toString('base64url') !== given) return null
  const [time = '', id = null, ...rest] = bytes.toString('latin1').split(' ')
  const created_at = toUtc(time)
  if (created_at === null || rest.length > 0 || (id !== null && !ID_PATTERNS[ids].test(id))) return null
  return { created_at, id }
}
