/** The programs that tests talk to and listen with: installed when this is root on a machine with apt-get, else named. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

type Peer = { readonly packages: readonly string[]; readonly file: string; readonly skipped_without: string }

const MODEL = '/usr/share/pocketsphinx/model/en-us/en-us'

const PEERS: readonly Peer[] = [
  { packages: ['sip-tester'], file: 'sipp', skipped_without: 'calls placed by SIPp' },
  { packages: ['baresip-core'], file: 'baresip', skipped_without: 'calls placed by baresip' },
  { packages: ['sox'], file: 'sox', skipped_without: 'transcribing what was heard' },
  { packages: ['flite'], file: 'flite', skipped_without: "speech by Debian's flite" },
  {
    packages: ['pocketsphinx', 'libpocketsphinx3'],
    file: 'pocketsphinx_continuous',
    skipped_without: 'transcribing what was heard',
  },
  { packages: ['pocketsphinx-en-us'], file: MODEL, skipped_without: 'transcribing what was heard' },
]

const APT_TIMEOUT_MS = 240_000

function isThere(file: string): boolean {
  if (file.startsWith('/')) return existsSync(file)
  return (process.env.PATH ?? '').split(delimiter).some(dir => existsSync(join(dir, file)))
}

const missingPeers = (): readonly Peer[] => PEERS.filter(peer => !isThere(peer.file))

/** null when it went well. */
function aptGet(args: readonly string[]): string | null {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const result = spawnSync('apt-get', args, { env, encoding: 'utf8', timeout: APT_TIMEOUT_MS })
  if (result.status === 0) return null
  return result.error?.message ?? result.stderr.trim().split('\n').at(-1) ?? `exit code ${result.status}`
}

/** Returns why it could not be done; null: done. */
function install(peers: readonly Peer[]): string | null {
  if (process.getuid?.() !== 0) return 'only root can install packages'
  if (!isThere('apt-get')) return 'there is no apt-get'
  const packages = peers.flatMap(peer => peer.packages)
  console.log(`installing test peers: ${packages.join(' ')}`)
  // a stale package list names versions that the mirror no longer has
  return aptGet(['-q', 'update']) ?? aptGet(['-q', '-y', 'install', '--no-install-recommends', ...packages])
}

/** Prints one line for each peer that stays missing; the tests that need it skip with the same reason. */
export function installPeers(): void {
  const missing = missingPeers()
  if (missing.length === 0) return
  const failure = install(missing)
  for (const peer of missingPeers())
    console.log(`skipped: ${peer.skipped_without} (no ${peer.file}; ${failure ?? 'its package does not bring it'})`)
}
