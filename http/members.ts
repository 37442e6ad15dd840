import * as members from '#app/members.ts'
import { BadInput } from '#http/bad-input.ts'
import { type Handler, NO_CONTENT, ok } from '#http/call.ts'
import { listed, pageFrom } from '#http/paging.ts'
import { toMemberAnswer } from '#wire/core-member.ts'

export const getOwnMembership: Handler<'getOwnMembership'> = async ({ app, caller }) => {
  const member = await members.getOwnMembership(app, caller)
  return ok(toMemberAnswer(member), { id: member.user_id, revision: member.revision })
}

export const getOwnScopes: Handler<'getOwnScopes'> = async ({ caller }) => ok(caller.scopes)

type Body = { readonly email?: string | null; readonly name?: string | null; readonly user_id?: string | null }

/** `null` means absent, as everywhere. */
const personFrom = ({ email, name, user_id }: Body): members.NewPerson | { readonly user_id: string } => {
  if (user_id && !email && !name) return { user_id: user_id.toLowerCase() }
  if (email && name && !user_id) return { email, name }
  throw new BadInput('body', [{ path: [], type: 'choice', message: 'give either email and name, or user_id' }])
}

export const addMember: Handler<'addMember'> = async ({ app, caller, body }) => {
  const { member, first_token } = await members.addMember(app, caller, personFrom(body), body.role ?? 'viewer')
  const key_id = first_token?.token.key_id ?? null
  const answer = { ...toMemberAnswer(member), key_id, pat_key: first_token?.secret ?? null }
  return {
    ...ok(answer, { id: member.user_id, revision: member.revision }),
    ...(key_id === null ? {} : { secret_of: key_id }),
  }
}

export const listMembers: Handler<'listMembers'> = async ({ app, caller, query, url }) =>
  listed(url, await members.listMembers(app, caller, pageFrom(query, 'uuid')), toMemberAnswer)

export const changeRole: Handler<'changeRole'> = async ({ app, caller, path, body }) => {
  const member = await members.changeRole(app, caller, path.user_id, body.role)
  return ok(toMemberAnswer(member), { id: member.user_id, revision: member.revision })
}

export const removeMember: Handler<'removeMember'> = async ({ app, caller, path }) => {
  await members.removeMember(app, caller, path.user_id)
  return NO_CONTENT
}
