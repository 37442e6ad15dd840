/** What can be checked without running the program: `npm run check`, and part of `npm test` (tests/house/check.test.ts). */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export type Check = { readonly name: string; readonly script: string; readonly args: readonly string[] }

const root = join(import.meta.dirname, '..')
const GENERATOR = 'wire/generate.ts'

export const CHECKS: readonly Check[] = [
  { name: 'types (tsc)', script: 'node_modules/typescript/bin/tsc', args: ['-p', '.'] },
  {
    name: 'lint and format (biome)',
    script: 'node_modules/@biomejs/biome/bin/biome',
    args: ['check', '--error-on-warnings'],
  },
  {
    name: 'nothing unused (knip)',
    script: 'node_modules/knip/bin/knip.js',
    args: ['--no-progress', '--no-config-hints'],
  },
  { name: 'generated files are up to date', script: GENERATOR, args: ['--check'] },
].filter(check => existsSync(join(root, check.script)))

/** What the tool said when it found something; null when all is well. */
export function runCheck(check: Check): string | null {
  const result = spawnSync(process.execPath, [check.script, ...check.args], { cwd: root, encoding: 'utf8' })
  return result.status === 0 ? null : `${result.stdout}${result.stderr}${result.error?.message ?? ''}`
}

function main(): void {
  for (const check of CHECKS) {
    const complaint = runCheck(check)
    console.log(`${complaint === null ? 'ok    ' : 'FAILED'} ${check.name}`)
    if (complaint === null) continue
    console.log(complaint)
    process.exitCode = 1
  }
}

if (import.meta.main) main()
