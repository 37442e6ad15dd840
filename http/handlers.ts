/** Every operation's handler, by id. Leaving one out does not compile. */
import * as agents from '#http/agents.ts'
import * as keys from '#http/api-keys.ts'
import type { Handler } from '#http/call.ts'
import * as conversations from '#http/conversations.ts'
import { getOrganization } from '#http/organizations.ts'
import * as numbers from '#http/phone-numbers.ts'
import { getLiveness, getOpenApi, type Readiness, readinessHandler } from '#http/process.ts'
import * as sip from '#http/sip-endpoints.ts'
import * as trunks from '#http/trunks.ts'
import * as versions from '#http/versions.ts'
import type { OperationId } from '#wire/operations.ts'

export type Handlers = { readonly [Id in OperationId]: Handler<Id> }

export const handlersFor = (ready: () => Readiness | Promise<Readiness>): Handlers => ({
  getOrganization,
  ...keys,
  ...agents,
  ...versions,
  ...sip,
  ...numbers,
  ...trunks,
  ...conversations,
  getLiveness,
  getReadiness: readinessHandler(ready),
  getOpenApi,
})
