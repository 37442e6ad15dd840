/** The process: configuration, database, services, readiness; and back, in the opposite order. */
import type { Log } from '#app/ports.ts'
import { type Config, describeConfig, maskUrl, readConfig } from '#server/config.ts'
import { createLog } from '#server/log.ts'
import { needsDatabase, startServices } from '#server/services.ts'
import { startSentence } from '#server/start-faults.ts'
import { onStopSignal } from '#server/stop-signals.ts'
import type { DatabaseAddress } from '#store/address.ts'
import { type DataDirLock, openDataDir, prepareDataDir } from '#store/data-dir.ts'
import { type EmbeddedServer, startEmbedded } from '#store/embedded.ts'
import { requireReachable } from '#store/reachable.ts'

const say = (sentence: string): boolean => process.stderr.write(`patchcord: ${sentence}\n`)

/** The variables' names are config.ts's business; here the environment is only passed on. */
function configureOrExit(): Config {
  const machine = { is_root: process.getuid?.() === 0, working_dir: process.cwd() }
  const result = readConfig(process.env, machine)
  if (result.ok) return result.config
  for (const fault of result.faults) say(fault)
  process.exit(1)
}

type Database = {
  readonly address: DatabaseAddress
  readonly reachable: boolean
  readonly lock: DataDirLock | null
  readonly embedded: EmbeddedServer | null
}

async function openDatabase(config: Config, log: Log, closing: AsyncDisposableStack): Promise<Database> {
  if (config.database_url !== null) {
    prepareDataDir(config.data_dir)
    const address = { connectionString: config.database_url }
    const reachable = await requireReachable(address, maskUrl(config.database_url)).then(
      () => true,
      error => {
        // Calls are answered without it.
        if (needsDatabase(config)) throw error
        log.error({ err: String(error) }, 'starting without the database')
        return false
      },
    )
    return { address, reachable, lock: null, embedded: null }
  }
  const lock = await openDataDir(config.data_dir)
  closing.defer(() => lock.release())
  const embedded = await startEmbedded({ data_dir: lock.path, log })
  closing.defer(() => embedded.stop())
  return { address: embedded.address, reachable: true, lock, embedded }
}

async function run(config: Config, log: Log): Promise<void> {
  await using closing = new AsyncDisposableStack()
  const stop_asked = Promise.withResolvers<string>()
  let embedded: EmbeddedServer | null = null
  const end = (): never => {
    say('asked to stop a second time; ending at once.')
    embedded?.interrupt()
    process.exit(1)
  }
  onStopSignal({ drain: stop_asked.resolve, end }, { under_npm: config.under_npm })

  const database = await openDatabase(config, log, closing)
  embedded = database.embedded
  const services = await startServices({ config, address: database.address, reachable: database.reachable, log })
  closing.defer(() => services.stop())
  database.lock?.announce(services.http)

  const died = services.died.then(error => Promise.reject(error))
  const why = await Promise.race([stop_asked.promise, died])
  log.info({ why }, 'stopping: no new calls; those in flight are finished first')
  await services.drain()
}

async function main(): Promise<number> {
  const config = configureOrExit()
  const log = createLog(config.log_level)
  log.info(describeConfig(config), 'configuration')
  try {
    await run(config, log)
    log.info({}, 'stopped')
    return 0
  } catch (error) {
    const sentence = startSentence(error, config)
    if (sentence === null) log.error({ err: error }, 'unexpected failure')
    say(sentence ?? `An unexpected failure ended the program: ${String(error)}; the log has the details.`)
    return 1
  }
}

process.exit(await main())
