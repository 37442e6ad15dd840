import type { FastifyRequest } from 'fastify'
import type { RequestFacts } from '#app/context.ts'

/** Where a request comes from and on what its write depends (RFC 9110 13.1). */
export const factsOf = ({ id, ip, headers }: FastifyRequest): RequestFacts => ({
  request_id: id,
  address: ip,
  if_match: headers['if-match'] ?? null,
  create_only: headers['if-none-match']?.trim() === '*',
})
