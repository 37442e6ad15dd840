/** `npm run gen` writes the documents that are made from code; with `--check` it only says which of them are stale. */
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { agentConfigDocument } from '#wire/agent-config.ts'
import { openApiDocument } from '#wire/openapi.ts'

const render = (document: object): string => `${JSON.stringify(document, null, 2)}\n`

/** File beside this one → what it has to hold. */
export const generatedFiles = (): ReadonlyMap<string, string> =>
  new Map([
    ['openapi.json', render(openApiDocument())],
    ['agent-config.schema.json', render(agentConfigDocument())],
  ])

const read = (url: URL): string | null => {
  try {
    return readFileSync(url, 'utf8')
  } catch {
    return null
  }
}

/** Names of the files that are missing or stale. */
export const staleFiles = (): readonly string[] =>
  [...generatedFiles()].filter(([name, text]) => read(new URL(name, import.meta.url)) !== text).map(([name]) => name)

const main = (check_only: boolean): void => {
  const stale = staleFiles()
  if (check_only) {
    for (const name of stale) console.error(`wire/${name} is stale: run \`npm run gen\` and commit it.`)
    if (stale.length > 0) process.exitCode = 1
    return
  }
  for (const [name, text] of generatedFiles()) writeFileSync(new URL(name, import.meta.url), text)
  console.log(stale.length === 0 ? 'Nothing had changed.' : `Written: ${stale.map(name => `wire/${name}`).join(', ')}`)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(process.argv.includes('--check'))
}
