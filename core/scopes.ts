/** Scopes a credential may hold (contract 1.1). A write needs `manage`; a read is content with `read` or `manage`. */
export const SCOPES = [
  'agents:read',
  'agents:manage',
  'phone_numbers:read',
  'phone_numbers:manage',
  'trunks:read',
  'trunks:manage',
  'conversations:read',
  'conversations:manage',
  'conversations:read_sensitive',
  'workflows:read',
  'workflows:manage',
  'members:read',
  'members:manage',
  'organizations:read',
  'organizations:manage',
  'knowledge_bases:read',
  'knowledge_bases:manage',
] as const
export type Scope = (typeof SCOPES)[number]

/** Every read a key gets when none is named; `read_sensitive` has to be named. */
export const READ_SCOPES: readonly Scope[] = SCOPES.filter(scope => scope.endsWith(':read'))

export const holds = (held: readonly Scope[], needed: Scope): boolean =>
  held.includes(needed) ||
  (needed.endsWith(':read') && held.some(scope => scope === needed.replace(':read', ':manage')))
