/** Every operation there is, by its id. A declared operation that nobody handles does not start. */
import type { Operation } from '#wire/operation.ts'
import { adminOperations, processOperations } from '#wire/operations-admin.ts'
import { agentOperations } from '#wire/operations-agents.ts'
import { conversationOperations } from '#wire/operations-conversations.ts'
import { explainOperations } from '#wire/operations-explain.ts'
import { knowledgeOperations } from '#wire/operations-knowledge.ts'
import { memberOperations } from '#wire/operations-members.ts'
import { routingOperations } from '#wire/operations-routing.ts'
import { siteOperations } from '#wire/operations-sites.ts'
import { telephonyOperations } from '#wire/operations-telephony.ts'
import { uponaiOperations } from '#wire/operations-uponai.ts'
import { workflowOperations } from '#wire/operations-workflows.ts'
import { writingOperations } from '#wire/operations-writing.ts'

export const operations = {
  ...adminOperations,
  ...memberOperations,
  ...agentOperations,
  ...telephonyOperations,
  ...conversationOperations,
  ...writingOperations,
  ...knowledgeOperations,
  ...workflowOperations,
  ...routingOperations,
  ...explainOperations,
  ...uponaiOperations,
  ...siteOperations,
  ...processOperations,
} as const

export type Operations = typeof operations
export type OperationId = keyof Operations

export const operationList = (): readonly (readonly [OperationId, Operation])[] =>
  Object.entries(operations) as [OperationId, Operation][]
