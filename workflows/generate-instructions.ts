/** generate-instructions: reads a draft's builder inputs, has instructions written, and puts them into the draft. */
import { failGenerating, finishGenerating, type Generation, readGeneration } from '#app/generate-instructions.ts'
import { readBuilderInputs } from '#core/builder-inputs.ts'
import type { JsonObject } from '#core/version.ts'
import type { WrittenBy, WrittenInstructions } from '#core/writer.ts'
import { NO_RESULT, type StepContext, type WorkflowDefinition } from '#workflows/workflow.ts'

type Outputs = JsonObject & {
  readonly load: { readonly inputs: JsonObject }
  readonly write: WrittenInstructions & { readonly written_by: WrittenBy }
}

const aboutOf = (input: JsonObject): Generation => ({
  agent_id: String(input.agent_id),
  version: Number(input.version),
})

const outputsOf = ({ outputs }: StepContext): Outputs => outputs as Outputs

const SAID: Readonly<Record<WrittenBy, string>> = {
  model: 'Written by a language model.',
  offline: 'Put together by rule: no language model is configured.',
}

export const generateInstructions: WorkflowDefinition = {
  type: 'generate_instructions',
  steps: [
    {
      name: 'load',
      run: async ({ app, organization_id, input }) => ({
        inputs: await readGeneration(app.db, organization_id, aboutOf(input)),
      }),
    },
    {
      name: 'write',
      run: async context => {
        const { app, organization_id, signal, progress } = context
        progress(0.1, 'Writing.')
        const writer = await app.writers.for(organization_id)
        const inputs = readBuilderInputs(outputsOf(context).load.inputs)
        const { value, written_by, usage } = await writer.instructions(inputs, signal)
        return { ...value, written_by, usage }
      },
    },
    {
      name: 'save',
      run: async context => {
        context.progress(0, SAID[outputsOf(context).write.written_by])
        return {}
      },
      save: async (tx, context) => {
        const { load, write } = outputsOf(context)
        const { instructions, starting_message, written_by } = write
        await finishGenerating(tx, context.caller, aboutOf(context.input), {
          workflow_id: context.workflow_id,
          inputs: load.inputs,
          written: { instructions, starting_message },
          written_by,
        })
      },
    },
  ],
  failed: (tx, { caller, input, workflow_id }, { detail }) =>
    failGenerating(tx, caller, aboutOf(input), workflow_id, detail),
  result: () => NO_RESULT,
}
