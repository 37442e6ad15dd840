/** Every workflow that this program knows. */
import { createDemo, createFromWebsite } from '#workflows/create-from-website.ts'
import { generateInstructions } from '#workflows/generate-instructions.ts'
import { readSource } from '#workflows/read-source.ts'
import { registryOf, type WorkflowRegistry } from '#workflows/workflow.ts'

export const workflowRegistry: WorkflowRegistry = registryOf(
  createFromWebsite,
  createDemo,
  generateInstructions,
  readSource,
)
