/** From whatever goes wrong with a model to a refusal that says what to do. Its text is for the log, without prompts. */
import { APICallError } from 'ai'
import { AddressDenied } from '#adapters/guarded-connect.ts'
import { Refused } from '#app/refused.ts'
import type { RefusalCode } from '#core/refusal.ts'

export type ModelFault = Extract<RefusalCode, `model_${string}`>

export const modelFault = (code: ModelFault, about: readonly string[] = [], detail?: string): Refused =>
  new Refused({ code, about, ...(detail === undefined ? {} : { detail }) })

/** An error and what it was caused by, outermost first. */
const chainOf = (error: unknown): readonly Error[] => {
  const chain: Error[] = []
  for (let at = error; at instanceof Error && chain.length < 10; at = at.cause) chain.push(at)
  return chain
}

const ofStatus = (status: number): Refused => {
  const about = [`HTTP ${status}`]
  if (status === 429 || status >= 500) return modelFault('model_overloaded', about)
  // Redirects are not followed: a key would follow them.
  return modelFault('model_refused', about)
}

const codeOf = (error: Error): string => ('code' in error ? String(error.code) : error.name)

/** The network never let the request arrive. */
export const toUnreachable = (error: unknown): Refused => {
  const chain = chainOf(error)
  if (chain.some(cause => cause instanceof AddressDenied))
    return modelFault('model_unreachable', ['its host is no public address'])
  return modelFault('model_unreachable', [], chain.map(codeOf).join(' < '))
}

/** What a stream or an answer failed with, after it had begun or in place of it. */
export const toModelFault = (error: unknown): Refused => {
  const chain = chainOf(error)
  const refused = chain.find(cause => cause instanceof Refused)
  if (refused) return refused
  const call = chain.find(cause => APICallError.isInstance(cause))
  if (call?.statusCode !== undefined && (call.statusCode < 200 || call.statusCode > 299))
    return ofStatus(call.statusCode)
  return modelFault('model_broken_stream', [], chain.map(codeOf).join(' < '))
}
