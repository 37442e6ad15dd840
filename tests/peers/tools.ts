/** Which outside programs this machine has. A test that needs one that is absent is skipped, with the reason in its output. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

export type Tool = 'sipp' | 'baresip' | 'sox' | 'flite' | 'pocketsphinx_continuous'

const DEBIAN_PACKAGES: Readonly<Record<Tool, string>> = {
  sipp: 'sip-tester',
  baresip: 'baresip-core',
  sox: 'sox',
  flite: 'flite',
  pocketsphinx_continuous: 'pocketsphinx and pocketsphinx-en-us',
}

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const isInstalled = (tool: Tool): boolean =>
  (process.env.PATH ?? '').split(delimiter).some(directory => directory !== '' && isExecutable(join(directory, tool)))

/** For a test's `skip` option: false when all are installed, else a sentence naming what is missing and where it comes from. */
export const skipWithout = (...tools: readonly Tool[]): string | false => {
  const missing = tools.filter(tool => !isInstalled(tool))
  if (missing.length === 0) return false
  return missing.map(tool => `${tool} is not installed (Debian: ${DEBIAN_PACKAGES[tool]})`).join('; ')
}
