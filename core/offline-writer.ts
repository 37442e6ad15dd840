/** Writes by rule, from structure, and says so: what Patchcord does where no language model is configured. */

import { summarizeChanges } from '#core/offline-comparison.ts'
import { composeInstructions } from '#core/offline-instructions.ts'
import { summarizeOffline } from '#core/offline-summary.ts'
import type { Writer, Written } from '#core/writer.ts'

const offline = <T>(value: T): Written<T> => ({ value, written_by: 'offline', usage: null })

export const OFFLINE_WRITER: Writer = {
  written_by: 'offline',
  instructions: async inputs => offline(composeInstructions(inputs)),
  comparison: async function* (diff) {
    yield summarizeChanges(diff)
  },
  summary: async (transcript, success_criteria) => offline(summarizeOffline(transcript, success_criteria)),
}

/** Where nobody has a model. */
export const OFFLINE_WRITERS = { for: async (): Promise<Writer> => OFFLINE_WRITER, installed_model: null }
