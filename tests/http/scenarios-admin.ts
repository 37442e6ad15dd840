import type { Scenario } from '#tests/harness/http.ts'

/** The test clock stands in November 2026. */
const LATER_MS = Date.UTC(2027, 5, 1)
const keys = '/admin/organization-pats'

export const adminScenarios: readonly Scenario[] = [
  {
    name: 'the organization of a key',
    request: { method: 'GET', path: '/admin/organizations/me' },
    expect: { status: 200, body: { name: 'First', slug: 'first' } },
    effects: {},
    keep: { organization: 'id' },
  },
  {
    name: 'a key gets all reads of its creator when none are named',
    as: 'keeper',
    request: { method: 'POST', path: keys, body: { name: 'mine' } },
    expect: { status: 200, body: { name: 'mine', scopes: ['agents:read', 'members:read'], expires_at: null } },
    effects: { api_keys: 1, audit_log: 1 },
    keep: { key: 'key_id' },
  },
  {
    name: 'a key with scopes and an end, in milliseconds both ways',
    request: { method: 'POST', path: keys, body: { name: 'CI', scopes: ['agents:manage'], expires_at: LATER_MS } },
    expect: { status: 200, body: { scopes: ['agents:manage'], expires_at: LATER_MS, last_used_at: null } },
    effects: { api_keys: 1, audit_log: 1 },
  },
  {
    name: 'null means absent',
    request: { method: 'POST', path: keys, body: { name: 'CI', scopes: null, expires_at: null } },
    expect: { status: 200 },
    effects: { api_keys: 1, audit_log: 1 },
  },
  {
    name: 'a key cannot hold what its creator does not',
    as: 'keeper',
    request: { method: 'POST', path: keys, body: { name: 'x', scopes: ['agents:read', 'agents:manage'] } },
    expect: { status: 403, code: 'scopes_exceed_creator' },
    effects: {},
  },
  {
    name: 'a key cannot end in the past',
    request: { method: 'POST', path: keys, body: { name: 'x', expires_at: Date.UTC(2026, 10, 1) } },
    expect: { status: 400, code: 'expiry_in_past' },
    effects: {},
  },
  {
    name: 'a scope that does not exist',
    request: { method: 'POST', path: keys, body: { name: 'x', scopes: ['agents:own'] } },
    expect: { status: 422, loc: ['body', 'scopes', 0] },
    effects: {},
  },
  {
    name: 'a number in quotes is no number',
    request: { method: 'POST', path: keys, body: { name: 'x', expires_at: '1900000000000' } },
    expect: { status: 422, loc: ['body', 'expires_at'] },
    effects: {},
  },
  {
    name: 'a list of keys, without secrets, one page of several',
    request: { method: 'GET', path: `${keys}?limit=2` },
    expect: { status: 200, body: [{ name: 'CI' }, { name: 'CI' }] },
    effects: {},
  },
  {
    name: 'a deleted key',
    request: { method: 'DELETE', path: `${keys}/$key` },
    expect: { status: 204 },
    effects: { api_keys: 'changed', audit_log: 1 },
  },
  {
    name: 'a deleted key is gone',
    request: { method: 'DELETE', path: `${keys}/$key` },
    expect: { status: 404, code: 'key_not_found' },
    effects: {},
  },
  {
    name: 'the process is alive',
    as: 'nobody',
    request: { method: 'GET', path: '/health/live' },
    expect: { status: 200, body: { status: 'live' } },
    effects: {},
  },
  {
    name: 'the process is ready',
    as: 'nobody',
    request: { method: 'GET', path: '/health/ready' },
    expect: { status: 200, body: { status: 'ready', roles: { api: { ready: true } } } },
    effects: {},
  },
  {
    name: 'the OpenAPI document',
    as: 'nobody',
    request: { method: 'GET', path: '/openapi.json' },
    expect: { status: 200, body: { openapi: '3.1.1' } },
    effects: {},
  },
]
