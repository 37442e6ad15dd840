/** The first start: an organization, its key, and (DEMO=1) an agent to call at once. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAgent } from '#app/agents.ts'
import { newCredential } from '#app/api-keys.ts'
import { type App, type Caller, inOneTransaction } from '#app/context.ts'
import { createOrganization } from '#app/organizations.ts'
import { registerNumber } from '#app/phone-numbers.ts'
import { publish } from '#app/publish.ts'
import { createVersion } from '#app/versions.ts'
import { type Config, KEY } from '#server/config.ts'
import { exampleAgent } from '#server/example-agent.ts'
import { anyOrganization, lockFirstStart } from '#store/organizations.ts'
import { parseAgentConfig } from '#wire/parse-agent-config.ts'

const LOOPBACK = ['127.0.0.0/8', '::1']

const keyFile = (config: Config): string => join(config.data_dir, 'bootstrap-key')

/**
 * The first organization's key. Written before the organization exists: a start that dies in between leaves a key that the
 * next one takes, never an organization whose key nobody has. What is no key (a file cut short) is written anew.
 */
const firstCredential = (config: Config): string => {
  const file = keyFile(config)
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
  const credential = config.bootstrap_key ?? (KEY.test(kept) ? kept : newCredential().credential)
  if (credential !== kept) writeFileSync(file, `${credential}\n`, { mode: 0o600 })
  chmodSync(file, 0o600)
  return credential
}

const installExample = async (app: App, caller: Caller): Promise<void> => {
  const { agent, config, phone_number } = exampleAgent
  const parsed = parseAgentConfig(config)
  if (!parsed.ok) throw new Error(`the example agent is invalid: ${JSON.stringify(parsed.faults)}`)
  const { id } = await createAgent(app, caller, agent)
  await registerNumber(app, caller, { phone_number, base_number: null, trunk_id: null })
  await createVersion(app, caller, id, { config: parsed.config, brings_instructions: true })
  await publish(app, caller, id, 1, { phone_numbers: [phone_number], unassign_phone_numbers: [], direction: 'both' })
}

export type Bootstrapped = { readonly credential: string; readonly organization_id: string; readonly key_file: string }

/**
 * null when there is an organization already. All of it or nothing: a start that is killed half-way leaves no organization
 * without its example, and of two processes that start at once the second finds what the first has made.
 */
export const bootstrap = (app: App, config: Config): Promise<Bootstrapped | null> =>
  inOneTransaction(app, async app => {
    await lockFirstStart(app.db)
    if (await anyOrganization(app.db)) return null
    const credential = firstCredential(config)
    const { organization, caller } = await createOrganization(app, {
      name: 'My organization',
      slug: 'default',
      allowed_addresses: LOOPBACK,
      credential,
    })
    if (config.demo) await installExample(app, caller)
    return { credential, organization_id: organization.id, key_file: keyFile(config) }
  })
