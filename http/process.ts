/** What anybody may ask of the process itself. */
import type { Reply } from '#http/call.ts'
import { openApiDocument } from '#wire/openapi.ts'

/** Whether each role of this process serves; `detail` is one public sentence. */
export type Readiness = {
  readonly ready: boolean
  readonly roles: Readonly<Record<string, { readonly ready: boolean; readonly detail: string }>>
}

export const getLiveness = async (): Promise<Reply> => ({ status: 200, body: { status: 'live' } })

export const readinessHandler = (ready: () => Readiness | Promise<Readiness>) => async (): Promise<Reply> => {
  const state = await ready()
  const body = { status: state.ready ? 'ready' : 'not_ready', roles: state.roles }
  return { status: state.ready ? 200 : 503, body }
}

export const getOpenApi = async (): Promise<Reply> => ({ status: 200, body: openApiDocument() })
