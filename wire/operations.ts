/** Every operation there is, by its id. A declared operation that nobody handles does not start. */
import type { Operation } from '#wire/operation.ts'
import { adminOperations, processOperations } from '#wire/operations-admin.ts'
import { agentOperations } from '#wire/operations-agents.ts'
import { explainOperations } from '#wire/operations-explain.ts'
import { knowledgeOperations } from '#wire/operations-knowledge.ts'
import { memberOperations } from '#wire/operations-members.ts'
import { routingOperations } from '#wire/operations-routing.ts'
import { telephonyOperations } from '#wire/operations-telephony.ts'
import { uponaiOperations } from '#wire/operations-uponai.ts'
import { workflowOperations } from '#wire/operations-workflows.ts'

export const operations = {
  ...adminOperations,
  ...memberOperations,
  ...agentOperations,
  ...telephonyOperations,
  ...knowledgeOperations,
  ...workflowOperations,
  ...routingOperations,
  ...explainOperations,
  ...uponaiOperations,
  ...processOperations,
} as const

export type Operations = typeof operations
export type OperationId = keyof Operations

export const operationList = (): readonly (readonly [OperationId, Operation])[] =>
  Object.entries(operations) as [OperationId, Operation][]
