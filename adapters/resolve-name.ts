/** What a host name stands for. */
import { lookup, Resolver } from 'node:dns/promises'

/** All addresses of a name, IPv4 and IPv6 as text; rejects or is empty when there are none. Need not heed any deadline. */
export type ResolveName = (hostname: string) => Promise<readonly string[]>

/**
 * The system's own look-up holds one of the four threads that files and keys need too, until the name's server answers:
 * a few names with silent servers would stop the whole process. Two threads are all they get.
 */
const LOOKUPS_LIMIT = 2

let running = 0
const waiting: (() => void)[] = []

const lookUp: ResolveName = async hostname => {
  if (running < LOOKUPS_LIMIT) running += 1
  // Whoever ends hands over its place.
  else await new Promise<void>(resolve => waiting.push(resolve))
  try {
    return (await lookup(hostname, { all: true })).map(({ address }) => address)
  } finally {
    const next = waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }
}

const resolver = new Resolver({ timeout: 1_500, tries: 2 })

/**
 * DNS first, by a client that holds no thread. Names it does not know go to the system: those of /etc/hosts, of search
 * domains, and `localhost`.
 */
export const resolveName: ResolveName = async hostname => {
  const families = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
  const addresses = families.flatMap(found => (found.status === 'fulfilled' ? found.value : []))
  return addresses.length > 0 ? addresses : lookUp(hostname)
}
