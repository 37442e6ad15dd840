/** What a host name stands for. */
import { lookup, Resolver } from 'node:dns/promises'

/** All addresses of a name, IPv4 and IPv6 as text; rejects or is empty when there are none. Need not heed any deadline. */
export type ResolveName = (hostname: string) => Promise<readonly string[]>

/**
 * The system's look-up holds one of the four threads that files and keys need too, until the name's server answers:
 * a few names with silent servers would stop the whole process. Two threads are all they get.
 */
const LOOKUPS_LIMIT = 2
/** Beyond that, waiting would outlast any budget. */
const WAITING_LIMIT = 100

let running = 0
const waiting: (() => void)[] = []

export const lookUp: ResolveName = async hostname => {
  if (waiting.length >= WAITING_LIMIT) throw new Error('too many names are being looked up')
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

/**
 * DNS by a client that holds no thread; names it does not know go to the system, which reads /etc/hosts and has search
 * domains. Names of one label (`localhost`, a neighbouring container) only ever mean something there.
 */
export const resolveBy =
  (resolver: Resolver, system: ResolveName): ResolveName =>
  async hostname => {
    if (!hostname.includes('.')) return system(hostname)
    const families = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
    const addresses = families.flatMap(found => (found.status === 'fulfilled' ? found.value : []))
    return addresses.length > 0 ? addresses : system(hostname)
  }

export const resolveName = resolveBy(new Resolver({ timeout: 1_500, tries: 2 }), lookUp)
