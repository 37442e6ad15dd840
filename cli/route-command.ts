/** `npm run route`: asks a Patchcord that runs who would answer a call, and prints why. Exit codes in ROUTE_USAGE. */
import { findAccess, postJson } from '#cli/patchcord-api.ts'
import { parseRouteArguments, ROUTE_USAGE } from '#cli/route-arguments.ts'
import { isAnswered, type RouteAnswer, storyOf } from '#cli/route-story.ts'

const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const fail = (text: string): 2 => {
  process.stderr.write(`${text}\n`)
  return 2
}

const main = async (argv: readonly string[]): Promise<0 | 1 | 2> => {
  const wanted = parseRouteArguments(argv)
  if (wanted === 'help') {
    print(ROUTE_USAGE)
    return 0
  }
  if ('wrong' in wanted) return fail(`${wanted.wrong}\n\n${ROUTE_USAGE}`)
  const access = findAccess(wanted, process.env, process.getuid?.() === 0)
  if (typeof access === 'string') return fail(access)
  const { number, direction, caller, at, call_id, sip_headers, webhook, json } = wanted
  const question = { direction, caller, at, call_id, sip_headers, webhook }
  const asked = await postJson(access, `/core/phone-numbers/${encodeURIComponent(number)}/route`, question)
  if ('wrong' in asked) return fail(asked.wrong)
  const answer = asked.body as RouteAnswer
  print(json ? JSON.stringify(answer, null, 2) : storyOf(answer, number, caller).join('\n'))
  return isAnswered(answer) ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
