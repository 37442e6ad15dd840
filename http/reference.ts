/** `/docs`: the API reference, to be read by people. */
import type { FastifyInstance } from 'fastify'
import { mountOthers } from '#http/routes.ts'
import { openApiDocument } from '#wire/openapi.ts'
import { referencePage } from '#wire/reference-page.ts'

/** The page needs its own style and nothing else from anywhere. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Made when it is first asked for. */
export const mountReference = (server: FastifyInstance): void => {
  let page: string | null = null
  server.get('/docs', (_request, reply) => {
    page ??= referencePage(openApiDocument())
    return reply.type('text/html; charset=utf-8').header('content-security-policy', POLICY).send(page)
  })
  mountOthers(server, '/docs', [{ method: 'GET' }])
}
