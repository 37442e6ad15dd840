/** Every operation's handler, by id. Leaving one out does not compile. */
import { createAgent, deleteAgent, getAgent, getAgentConfigSchema, listAgents, updateAgent } from '#http/agents.ts'
import { createApiKey, deleteApiKey, listApiKeys } from '#http/api-keys.ts'
import { listAuditLog } from '#http/audit-log.ts'
import type { Handler } from '#http/call.ts'
import { compareVersions, diffVersions, getInstructionBuilderSchema } from '#http/comparisons.ts'
import { endConversation, eraseUser, getConversation, listConversations } from '#http/conversations.ts'
import { explainRoute, simulateRoute } from '#http/explain.ts'
import { getInboundRouting, makeInboundRoutingSecret, putInboundRouting } from '#http/inbound-routing.ts'
import { knowledgeHandlers } from '#http/knowledge.ts'
import { deleteLanguageModel, getLanguageModel, putLanguageModel } from '#http/language-model.ts'
import { addMember, changeRole, getOwnMembership, getOwnScopes, listMembers, removeMember } from '#http/members.ts'
import { getNumberRouting, getSlot, makeNumberSecret, putSlot, updateNumberRouting } from '#http/number-routing.ts'
import { createOrganization, getOrganization, listOrganizations } from '#http/organizations.ts'
import { createPersonalToken, deletePersonalToken, listPersonalTokens } from '#http/personal-tokens.ts'
import { deleteNumber, getNumber, listNumbers, registerNumber, updateNumber } from '#http/phone-numbers.ts'
import { getLiveness, getOpenApi, type Readiness, readinessHandler } from '#http/process.ts'
import {
  createSchedule,
  deleteSchedule,
  getSchedule,
  listSchedules,
  previewSchedule,
  updateSchedule,
} from '#http/schedules.ts'
import { deployAsSip, removeSipEndpoint } from '#http/sip-endpoints.ts'
import { createDemo, createFromWebsite } from '#http/sites.ts'
import { beginConversation, sendMessage } from '#http/text-conversations.ts'
import { createTrunk, deleteTrunk, getTrunk, listTrunks, updateTrunk } from '#http/trunks.ts'
import { assignNumber, listAccountNumbers } from '#http/uponai-numbers.ts'
import {
  createVersion,
  generateInstructions,
  getVersion,
  listVersions,
  publishVersion,
  updateVersion,
} from '#http/versions.ts'
import { cancelWorkflow, followWorkflow, getWorkflow, listWorkflows } from '#http/workflows.ts'
import type { OperationId } from '#wire/operations.ts'

export type Handlers = { readonly [Id in OperationId]: Handler<Id> }

const HANDLERS: Omit<Handlers, 'getReadiness'> = {
  getOrganization,
  listOrganizations,
  createOrganization,
  getOwnMembership,
  getOwnScopes,
  addMember,
  listMembers,
  changeRole,
  removeMember,
  createPersonalToken,
  listPersonalTokens,
  deletePersonalToken,
  createApiKey,
  listApiKeys,
  deleteApiKey,
  listAuditLog,
  createAgent,
  listAgents,
  getAgent,
  updateAgent,
  deleteAgent,
  getAgentConfigSchema,
  createVersion,
  listVersions,
  getVersion,
  updateVersion,
  generateInstructions,
  publishVersion,
  deployAsSip,
  removeSipEndpoint,
  registerNumber,
  getNumber,
  listNumbers,
  updateNumber,
  deleteNumber,
  getSlot,
  putSlot,
  getNumberRouting,
  updateNumberRouting,
  makeNumberSecret,
  listSchedules,
  getSchedule,
  createSchedule,
  updateSchedule,
  deleteSchedule,
  previewSchedule,
  getInboundRouting,
  putInboundRouting,
  makeInboundRoutingSecret,
  explainRoute,
  simulateRoute,
  listTrunks,
  getTrunk,
  createTrunk,
  updateTrunk,
  deleteTrunk,
  diffVersions,
  compareVersions,
  getInstructionBuilderSchema,
  getLanguageModel,
  putLanguageModel,
  deleteLanguageModel,
  listConversations,
  getConversation,
  beginConversation,
  sendMessage,
  endConversation,
  eraseUser,
  ...knowledgeHandlers,
  listWorkflows,
  getWorkflow,
  cancelWorkflow,
  followWorkflow,
  assignNumber,
  listAccountNumbers,
  createFromWebsite,
  createDemo,
  getLiveness,
  getOpenApi,
}

export const handlersFor = (ready: () => Readiness | Promise<Readiness>): Handlers => ({
  ...HANDLERS,
  getReadiness: readinessHandler(ready),
})
