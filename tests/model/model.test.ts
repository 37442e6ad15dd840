import { test } from 'node:test'
import { compareWithModel } from '#tests/model/histories.ts'

const sequences = 1000
const seed = 1953

test(`${sequences} random histories of agents, versions and slots (seed ${seed}), partly concurrent, as the model has it`, async () => {
  await compareWithModel({ sequences, seed })
})
