/** What is asked of a new credential: an organization's key, or a person's token. */
import { Type as T } from 'typebox'
import { SCOPES } from '#core/scopes.ts'
import { closed, nullable, word } from '#wire/schema.ts'

/** The last millisecond of the year 9999, where PostgreSQL and RFC 3339 still agree. */
const LAST_MS = 253_402_300_799_999

export const NewCredential = closed(
  {
    name: T.String({ description: 'What it is for.', minLength: 1, maxLength: 200, examples: ['CI'] }),
    expires_at: T.Optional(
      nullable(T.Integer({ minimum: 0, maximum: LAST_MS }), {
        description: 'Milliseconds since 1970; null: never.',
        default: null,
      }),
    ),
    scopes: T.Optional(
      nullable(T.Array(word(SCOPES), { maxItems: SCOPES.length, uniqueItems: true }), {
        description: 'Among those that your own credential holds; null: all reads among them.',
        examples: [['agents:manage', 'phone_numbers:read']],
      }),
    ),
  },
  { title: 'NewCredentialRequest' },
)
