/** The API reference as one HTML page: made from the OpenAPI document, needing nothing else, neither scripts nor other hosts. */
import { reference_style } from '#wire/reference-style.ts'

type Json = Readonly<Record<string, unknown>>

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const asJson = (value: unknown): Json => (isJson(value) ? value : {})
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const escapeHtml = (text: unknown): string => String(text ?? '').replace(/[&<>"']/g, char => `&#${char.charCodeAt(0)};`)

/** Backticks become code, an empty line a new paragraph: all the Markdown that our texts use. */
const prose = (text: unknown): string =>
  escapeHtml(text)
    .split('\n\n')
    .map(part => `<p>${part.replace(/`([^`]+)`/g, '<code>$1</code>')}</p>`)
    .join('')

const code = (value: unknown): string => `<code>${escapeHtml(value)}</code>`
const block = (value: unknown): string => `<pre>${escapeHtml(JSON.stringify(value, null, 2))}</pre>`

const nameOf = (reference: unknown): string => String(reference).split('/').at(-1) ?? ''
const link = (name: string): string => `<a href="#schema-${escapeHtml(name)}">${escapeHtml(name)}</a>`

/** What a value is, in a few words: `list of PhoneNumber`, `text or null`, `inbound | outbound | both`. */
const kindOf = (value: unknown): string => {
  const schema = asJson(value)
  if (schema.$ref !== undefined) return link(nameOf(schema.$ref))
  const branches = asList(schema.anyOf)
  if (branches.length > 0) return [...new Set(branches.map(kindOf))].join(' or ')
  if ('const' in schema) return code(schema.const)
  if (Array.isArray(schema.enum)) return schema.enum.map(code).join(' | ')
  const kinds = [schema.type].flat().map(type => {
    if (type === 'array') return `list of ${kindOf(schema.items)}`
    return type === undefined ? 'anything' : escapeHtml(type === 'string' ? 'text' : type)
  })
  return kinds.join(' or ')
}

const LIMITS: readonly (readonly [string, string])[] = [
  ['minimum', 'at least'],
  ['maximum', 'at most'],
  ['minLength', 'characters, at least'],
  ['maxLength', 'characters, at most'],
  ['maxItems', 'items, at most'],
  ['maxProperties', 'keys, at most'],
  ['pattern', 'matches'],
  ['default', 'default'],
]

const limitsOf = (schema: Json): string =>
  LIMITS.flatMap(([key, words]) => (key in schema ? [`${words} ${code(JSON.stringify(schema[key]))}`] : [])).join('; ')

const fieldRow = (name: string, value: unknown, required: boolean): string => {
  const schema = asJson(value)
  const mark = required ? ' <b title="required">*</b>' : ''
  const limits = limitsOf(schema)
  const more =
    fields(schema) ||
    fields(asJson(schema.items)) ||
    asList(schema.anyOf)
      .map(each => fields(asJson(each)))
      .join('')
  return `<tr><td>${code(name)}${mark}</td><td>${kindOf(schema)}</td><td>${schema.description ? prose(schema.description) : ''}${
    limits ? `<p class="limits">${limits}</p>` : ''
  }${more}</td></tr>`
}

/** An object's fields as a table, those of the objects inside it too; empty when it has none. */
const fields = (schema: Json): string => {
  const rows = Object.entries(asJson(schema.properties)).filter(([, field]) => asJson(field).readOnly !== true)
  const required = asList(schema.required)
  if (rows.length === 0) return ''
  return `<table>${rows.map(([name, field]) => fieldRow(name, field, required.includes(name))).join('')}</table>`
}

const bodyOf = (schema: unknown): string => {
  const table = fields(asJson(schema))
  const description = asJson(schema).description
  return `${description ? prose(description) : ''}${table || `<p>${kindOf(schema)}</p>`}`
}

const parameterRows = (parameters: readonly unknown[]): string => {
  if (parameters.length === 0) return ''
  const rows = parameters.map(each => {
    const { name, in: place, required, description, schema } = asJson(each)
    return fieldRow(`${place} ${name}`, { description, ...asJson(schema) }, required === true)
  })
  return `<h4>Parameters</h4><table>${rows.join('')}</table>`
}

const requestOf = (request: unknown): string => {
  const { schema, example } = asJson(asJson(asJson(request).content)['application/json'])
  if (schema === undefined) return ''
  const optional = asJson(request).required === true ? '' : ' (may be absent)'
  return `<h4>Body${optional}</h4>${bodyOf(schema)}${block(example)}`
}

const answerOf = (status: string, response: unknown): string => {
  const { description, content, headers } = asJson(response)
  const { schema, example } = asJson(asJson(content)['application/json'])
  const shown = schema === undefined ? '' : `<p>${kindOf(schema)}</p>`
  const sample = example === undefined ? '' : `<details><summary>Example</summary>${block(example)}</details>`
  const names = Object.keys(asJson(headers)).map(code).join(', ')
  return `<tr><td class="status">${escapeHtml(status)}</td><td>${prose(description)}${shown}${sample}${
    names ? `<p class="limits">headers ${names}</p>` : ''
  }</td></tr>`
}

const operationOf = (path: string, method: string, value: unknown): string => {
  const { operationId, summary, description, parameters, requestBody, responses } = asJson(value)
  const answers = Object.entries(asJson(responses)).map(([status, response]) => answerOf(status, response))
  return `<section class="operation" id="${escapeHtml(operationId)}">
<h3><span class="method">${escapeHtml(method.toUpperCase())}</span> ${escapeHtml(path)}</h3>
<p><b>${escapeHtml(operationId)}</b></p>${prose(summary)}${description ? prose(description) : ''}
${parameterRows(asList(parameters))}${requestOf(requestBody)}
<h4>Answers</h4><table>${answers.join('\n')}</table></section>`
}

type Listed = { readonly path: string; readonly method: string; readonly operation: Json }

const operationsOf = (document: Json): readonly Listed[] =>
  Object.entries(asJson(document.paths)).flatMap(([path, methods]) =>
    Object.entries(asJson(methods)).map(([method, operation]) => ({ path, method, operation: asJson(operation) })),
  )

const contentsOf = (tag: string, operations: readonly Listed[]): string =>
  `<li>${escapeHtml(tag)}<ul>${operations
    .map(({ path, method, operation }) => {
      const id = escapeHtml(operation.operationId)
      return `<li><a href="#${id}"><span class="method">${method.toUpperCase()}</span> ${escapeHtml(path)}</a></li>`
    })
    .join('')}</ul></li>`

const schemaOf = ([name, schema]: readonly [string, unknown]): string =>
  `<section id="schema-${escapeHtml(name)}"><h3>${escapeHtml(name)}</h3>${bodyOf(schema)}</section>`

/** A whole HTML document. */
export const referencePage = (document: Json): string => {
  const { title, version, summary } = asJson(document.info)
  const byTag = [...Map.groupBy(operationsOf(document), ({ operation }) => String(asList(operation.tags)[0]))]
  const components = asJson(document.components)
  const schemas = Object.entries(asJson(components.schemas))
  const credentials = Object.values(asJson(components.securitySchemes)).map(each => prose(asJson(each).description))
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} API</title><style>${reference_style}</style></head>
<body><nav><h1>${escapeHtml(title)} API</h1><ul>${byTag.map(([tag, list]) => contentsOf(tag, list)).join('')}
<li>schemas<ul>${schemas.map(([name]) => `<li>${link(name)}</li>`).join('')}</ul></li></ul></nav>
<main><p>${escapeHtml(summary)} Version ${escapeHtml(version)}. The same as a document: <a href="/openapi.json">/openapi.json</a>.</p>
<h2>Credentials</h2>${credentials.join('')}
${byTag
  .map(
    ([tag, list]) =>
      `<h2>${escapeHtml(tag)}</h2>${list.map(each => operationOf(each.path, each.method, each.operation)).join('')}`,
  )
  .join('')}
<h2>schemas</h2>${schemas.map(schemaOf).join('\n')}</main></body></html>
`
}
