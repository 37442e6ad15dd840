import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boundTo } from '#app/context.ts'
import { modelSettingsOf, putLanguageModel } from '#app/language-model.ts'
import { Refused } from '#app/refused.ts'
import { createSecretBox } from '#store/secret-box.ts'
import { startTestApp } from '#tests/harness/app.ts'

test('a key that SECRET_KEY no longer opens is said to be one, not a failure of ours', async () => {
  await using closing = new AsyncDisposableStack()
  const t = await startTestApp()
  closing.defer(() => t.close())
  const { organization_id } = t.caller
  const app = boundTo(t.app, organization_id)
  const input = { base_url: 'https://models.example/v1', model: 'm', api_key: 'sk-own', prices: null }
  await putLanguageModel(app, t.caller, input)
  assert.equal((await modelSettingsOf(app.db, app.secrets, organization_id))?.api_key, 'sk-own')
  const later = createSecretBox(new Uint8Array(32).fill(9))
  await assert.rejects(
    modelSettingsOf(app.db, later, organization_id),
    (error: unknown) =>
      error instanceof Refused && error.refusal.code === 'model_refused' && !/sk-own/.test(String(error)),
  )
})
