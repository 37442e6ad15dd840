import { parse } from 'node:querystring'

/** More keys than any operation has. */
const KEYS_LIMIT = 100

/**
 * The query's values: text, or a list where a key comes twice. A raw `+` before a digit means itself, since people paste
 * `+15551234567` and `…+02:00` as they are; anywhere else it is a blank, as in HTML forms.
 */
export const readQuery = (raw: string): Record<string, unknown> => ({
  ...parse(raw.replace(/\+(?=\d)/g, '%2B'), undefined, undefined, { maxKeys: KEYS_LIMIT }),
})
