/** Erases what one user said in an organization. The audit log says that it was done, not to whom. */
import { by } from '#app/audit.ts'
import { type App, type Caller, transact } from '#app/context.ts'
import { insertAudit } from '#store/audit.ts'
import { type Erased, eraseUser as erase } from '#store/erase-user.ts'

export const eraseUser = async (app: App, caller: Caller, user_id: string): Promise<Erased> =>
  transact(app, async tx => {
    const erased = await erase(tx, caller.organization_id, user_id)
    await insertAudit(tx, {
      ...by(caller),
      action: 'conversation.erase_user',
      subject: caller.organization_id,
      after: erased,
    })
    return erased
  })
