import assert from 'node:assert/strict'
import { test } from 'node:test'
import { named } from '#core/passage.ts'

const passage = (text: string, heading: string | null) => ({
  ...{ chunk_id: 'c', source_id: 's', knowledge_base_id: 'b', text, score: 1 },
  place: { title: 'Visit', url: 'https://example.com', file: null, page: null, heading, offset: 0 },
})

test('the heading above a passage is named once', () => {
  assert.equal(named(passage('## Parking\n\nYes.', 'Parking')).text, '## Parking\n\nYes.')
  assert.equal(named(passage('Yes.', 'Parking')).text, '# Parking\nYes.')
  assert.equal(named(passage('Yes.', null)).text, 'Yes.')
})
