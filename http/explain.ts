import { explainRoute as explain } from '#app/explain-route.ts'
import { refuse } from '#app/refused.ts'
import { simulateRoute as simulate } from '#app/simulate-route.ts'
import { holds } from '#core/scopes.ts'
import { BadInput } from '#http/bad-input.ts'
import { type Handler, ok } from '#http/call.ts'
import { type ProposalSent, toProposal } from '#wire/core-proposal.ts'
import { toRouteAnswer } from '#wire/core-route.ts'
import { toSimulationAnswer } from '#wire/core-simulation.ts'

/** What schedules can be compiled for (app/zone-offsets.ts), with room for what is compiled around it. */
const EARLIEST_MS = Date.UTC(1901, 0)
const LATEST_MS = Date.UTC(9999, 0)

const timeFrom = (text: string, name: string): number => {
  const ms = Date.parse(text)
  if (ms >= EARLIEST_MS && ms < LATEST_MS) return ms
  throw new BadInput('body', [{ path: [name], type: 'range', message: 'must be a time of the years 1901 to 9998' }])
}

const DAY_MS = 86_400_000
const SPAN_DAYS = 366

const spanFrom = (from: string, to: string): { readonly from_ms: number; readonly until_ms: number } => {
  const span = { from_ms: timeFrom(from, 'from'), until_ms: timeFrom(to, 'to') }
  const length_ms = span.until_ms - span.from_ms
  if (length_ms > 0 && length_ms <= SPAN_DAYS * DAY_MS) return span
  const message = `must lie after from, at most ${SPAN_DAYS} days`
  throw new BadInput('body', [{ path: ['to'], type: 'range', message }])
}

const proposalFrom = (sent: Parameters<typeof toProposal>[0]): ProposalSent | null => {
  const { proposal, faults } = toProposal(sent)
  if (faults.length > 0) throw new BadInput('body', faults)
  return proposal
}

const headersFrom = (sent: Readonly<Record<string, string>> | null | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(sent ?? {}).map(([name, value]) => [name.toLowerCase(), value]))

export const explainRoute: Handler<'explainRoute'> = async ({ app, caller, path, body }) => {
  const { direction, caller: from, at, call_id, sip_headers, webhook } = body
  const ask_webhook = webhook === true
  if (ask_webhook && !holds(caller.scopes, 'phone_numbers:manage')) refuse('scope_missing', ['phone_numbers:manage'])
  const explained = await explain(app, caller, path.phone_number, {
    direction: direction ?? 'inbound',
    caller: from ?? null,
    at_ms: at ? timeFrom(at, 'at') : null,
    call_id: call_id ?? null,
    x_headers: headersFrom(sip_headers),
    ask_webhook,
    proposal: proposalFrom(body.proposed) ?? {},
  })
  return ok(toRouteAnswer(explained))
}

export const simulateRoute: Handler<'simulateRoute'> = async ({ app, caller, path, body }) => {
  const { callers, direction, from, to, proposed } = body
  const input = { direction: direction ?? 'inbound', callers, proposal: proposalFrom(proposed) } as const
  const span = spanFrom(from, to)
  return ok(toSimulationAnswer(await simulate(app, caller, path.phone_number, { ...input, ...span })))
}
