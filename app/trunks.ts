/** Trunks: where calls may come from and where they go out. */
import { by } from '#app/audit.ts'
import { type App, type Caller, newId, transact } from '#app/context.ts'
import { requireMatch } from '#app/preconditions.ts'
import { refuse } from '#app/refused.ts'
import { sealInbound, sealOutbound } from '#app/trunk-secrets.ts'
import { TRUNK_TRANSPORTS, type Trunk } from '#core/trunk.ts'
import { insertAudit } from '#store/audit.ts'
import type { Tx } from '#store/database.ts'
import type { Listed, Page } from '#store/keyset.ts'
import { numbersOfTrunk } from '#store/numbers.ts'
import {
  deleteTrunk as deleteRow,
  findTrunk,
  insertTrunk,
  listTrunks as listRows,
  lockTrunk,
  type TrunkContent,
  type TrunkSecrets,
  updateTrunk as updateRow,
} from '#store/trunks.ts'

export const listTrunks = async (app: App, caller: Caller, page: Page): Promise<Listed<Trunk>> =>
  listRows(app.db, caller.organization_id, page)

export const getTrunk = async (app: App, caller: Caller, id: string): Promise<Trunk> =>
  (await findTrunk(app.db, caller.organization_id, id)) ?? refuse('trunk_not_found', [id])

/** `auth_password` absent: the one that is there stays, while its name does. */
type WithPassword<Config> = Config & { readonly auth_password?: string }

export type TrunkInput = {
  readonly name: string
  readonly inbound_config: WithPassword<Trunk['inbound_config']>
  readonly outbound_config: WithPassword<Trunk['outbound_config']>
}

const NOTHING: Omit<TrunkContent, 'name'> = {
  inbound_config: {
    allowed_addresses: [],
    auth_username: null,
    transports: TRUNK_TRANSPORTS,
    forwarding: 'redirect',
    trust_asserted_identity: true,
  },
  outbound_config: { address: null, auth_username: null, transport: 'UDP', media_encryption: 'NONE' },
  inbound_secret: null,
  outbound_secret: null,
}

type Named = { readonly auth_username: string | null }

/** What is stored: nothing without a name; a password given; or the one that this name has already. */
const secretOf = (
  where: 'inbound_config' | 'outbound_config',
  given: WithPassword<Named>,
  before: Named,
  sealed: string | null,
  seal: (username: string, password: string) => string,
): string | null => {
  const { auth_username, auth_password } = given
  if (auth_username === null)
    return auth_password === undefined ? null : refuse('trunk_credentials_incomplete', [where])
  if (auth_password !== undefined) return seal(auth_username, auth_password)
  return auth_username === before.auth_username && sealed !== null
    ? sealed
    : refuse('trunk_credentials_incomplete', [where])
}

const contentFrom = (app: App, id: string, input: TrunkInput, before: Omit<TrunkContent, 'name'>): TrunkContent => {
  const { auth_password: _in, ...inbound_config } = input.inbound_config
  const { auth_password: _out, ...outbound_config } = input.outbound_config
  const { inbound_secret, outbound_secret } = before
  const secrets: TrunkSecrets = {
    inbound_secret: secretOf(
      'inbound_config',
      input.inbound_config,
      before.inbound_config,
      inbound_secret,
      (username, password) => sealInbound(app.secrets, id, username, password),
    ),
    outbound_secret: secretOf(
      'outbound_config',
      input.outbound_config,
      before.outbound_config,
      outbound_secret,
      (_username, password) => sealOutbound(app.secrets, id, password),
    ),
  }
  return { name: input.name, inbound_config, outbound_config, ...secrets }
}

/** A trunk as the audit log shows it: of secrets, only whether there are any and that they changed. */
const audited = (
  { name, inbound_config, outbound_config, inbound_secret, outbound_secret }: TrunkContent,
  before?: TrunkSecrets,
) => ({
  name,
  inbound_config: { ...inbound_config, has_auth_password: inbound_secret !== null },
  outbound_config: { ...outbound_config, has_auth_password: outbound_secret !== null },
  ...(before && before.inbound_secret !== inbound_secret ? { inbound_password_changed: true } : {}),
  ...(before && before.outbound_secret !== outbound_secret ? { outbound_password_changed: true } : {}),
})

/** What is absent is as in a trunk that accepts nobody and calls nobody. */
export type NewTrunk = Pick<TrunkInput, 'name'> & Partial<TrunkInput>

export const createTrunk = async (app: App, caller: Caller, input: NewTrunk): Promise<Trunk> => {
  const { organization_id } = caller
  const id = newId()
  const content = contentFrom(app, id, { ...NOTHING, ...input }, NOTHING)
  return transact(app, async (tx, touch) => {
    const trunk = await insertTrunk(tx, { id, organization_id, is_default: false, ...content })
    await insertAudit(tx, { ...by(caller), action: 'trunk.create', subject: id, after: audited(content) })
    touch({ trunk_ids: [id] })
    return trunk
  })
}

const lockOrRefuse = async (tx: Tx, caller: Caller, id: string): Promise<Trunk & TrunkSecrets> => {
  const trunk = (await lockTrunk(tx, caller.organization_id, id)) ?? refuse('trunk_not_found', [id])
  requireMatch(caller, trunk)
  return trunk
}

const withoutSecrets = ({ inbound_secret: _in, outbound_secret: _out, ...trunk }: Trunk & TrunkSecrets): Trunk => trunk

/** Changes what is given, a config as a whole; a password that is not given again stays, while its name does. */
export const updateTrunk = async (app: App, caller: Caller, id: string, change: Partial<TrunkInput>): Promise<Trunk> =>
  transact(app, async (tx, touch) => {
    const before = await lockOrRefuse(tx, caller, id)
    if (Object.keys(change).length === 0) return withoutSecrets(before)
    const { name, inbound_config, outbound_config } = before
    const content = contentFrom(app, id, { name, inbound_config, outbound_config, ...change }, before)
    const trunk = await updateRow(tx, id, content)
    await insertAudit(tx, {
      ...by(caller),
      action: 'trunk.update',
      subject: id,
      before: audited(before),
      after: audited(content, before),
    })
    touch({ trunk_ids: [id] })
    return trunk
  })

export const deleteTrunk = async (app: App, caller: Caller, id: string): Promise<void> =>
  transact(app, async (tx, touch) => {
    const before = await lockOrRefuse(tx, caller, id)
    if (before.is_default) refuse('trunk_is_default', [id])
    const numbers = await numbersOfTrunk(tx, id)
    if (numbers.length > 0) refuse('trunk_has_numbers', numbers)
    await deleteRow(tx, id)
    await insertAudit(tx, { ...by(caller), action: 'trunk.delete', subject: id, before: audited(before) })
    touch({ trunk_ids: [id] })
  })
