/** The repository's own files, as the tidy test reads them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

export type SourceFile = {
  /** From the root, with forward slashes: `core/route.ts`. */
  readonly path: string
  readonly text: string
}

export const root = join(import.meta.dirname, '../..')

const SKIPPED = new Set(['node_modules', '.git', '.patchcord', 'dist', 'package-lock.json'])
const TEXT = /(\.(ts|mjs|js|json|md|sql|xml|yml|yaml|sh|txt)|\/\.ci\/run|\.gitignore)$/

export function readSources(dir: string = root): SourceFile[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter(entry => !SKIPPED.has(entry.name))
    .flatMap(entry => {
      const path = join(dir, entry.name)
      if (entry.isDirectory()) return readSources(path)
      return TEXT.test(path) ? [{ path: relative(root, path), text: readFileSync(path, 'utf8') }] : []
    })
}

export const roomOf = (path: string): string => path.split('/')[0] ?? ''

/** Without comments and the contents of strings: what is left is code. Templates stay, for the code in them. */
export function stripToCode(text: string): string {
  const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g
  return text.replace(token, match => (match.startsWith('/') ? match.replace(/[^\n]/g, '') : `''`))
}

/** Module specifiers of static imports, re-exports and dynamic imports. */
export function importsOf(text: string): string[] {
  const without_comments = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/[^\n]*/gm, '')
  const statement = /(?:^|\n)\s*(?:import|export)\b[^'"\n;]*(?:\{[^}]*\})?[^'"\n;]*from\s*['"]([^'"]+)['"]/g
  const bare = /(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g
  const found = [...without_comments.matchAll(statement), ...without_comments.matchAll(bare)]
  return found.map(match => match[1] ?? match[2] ?? '')
}
