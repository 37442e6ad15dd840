/**
 * Entity tags (RFC 9110 8.8.3): a resource's id and the revision it had. `latest` names one version today and another
 * tomorrow, each with revisions of its own, so the id is part of the tag.
 */
export type Revised = { readonly id: string; readonly revision: number }

export const entityTagOf = ({ id, revision }: Revised): string => `"${id}.${revision}"`

const TAG = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g

/**
 * Whether an If-Match header holds for the resource as it is; null: there is none, and nothing matches it. A proxy that compresses answers makes our strong tags weak
 * on the way (`W/"…"`): they say the same revision and are taken as such. What is no tag at all matches nothing.
 */
export const ifMatchHolds = (if_match: string, current: Revised | null): boolean =>
  current !== null &&
  (if_match.trim() === '*' || [...if_match.matchAll(TAG)].some(([, tag]) => tag === entityTagOf(current)))
