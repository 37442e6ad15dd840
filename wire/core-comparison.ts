/** Comparisons of two versions in the `/core` dialect. */
import { type Static, Type as T } from 'typebox'
import type { ConfigDiff } from '#core/config-diff.ts'
import { closed, word } from '#wire/schema.ts'

const Piece = closed(
  { kind: word(['same', 'removed', 'added']), text: T.String() },
  {
    title: 'TextPiece',
    description: 'Without those added the pieces are the old text, without those removed the new.',
  },
)

const Change = closed(
  {
    op: word(['add', 'remove', 'replace']),
    path: T.String({ description: 'A JSON Pointer, once the changes before it were applied.', examples: ['/tools/0'] }),
    value: T.Optional(T.Unknown({ description: 'What is there now; absent for `remove`.' })),
    old: T.Optional(T.Unknown({ description: 'What was there before; absent for `add`.' })),
    field: T.String({
      description: 'The place by names that do not shift.',
      examples: ['tools.book_appointment.description'],
    }),
    words: T.Optional(T.Array(Piece, { description: 'Where the wording of a text changed: its pieces.' })),
  },
  { title: 'ConfigChange' },
)

export const ComparisonAnswer = closed(
  {
    from_version: T.Integer(),
    to_version: T.Integer(),
    identical: T.Boolean(),
    changes: T.Array(Change, {
      description: 'A JSON Patch (RFC 6902) that makes the one config the other; further members say more.',
    }),
  },
  { title: 'Comparison', description: 'What differs between the configs of two versions.' },
)

export const toComparisonAnswer = (
  from_version: number,
  to_version: number,
  { changes }: ConfigDiff,
): Static<typeof ComparisonAnswer> => ({
  from_version,
  to_version,
  identical: changes.length === 0,
  changes: changes.map(({ words, ...change }) => ({ ...change, ...(words ? { words: [...words] } : {}) })),
})
