/**
 * One run of a deployment pipeline, as a process of its own: the agent of this name, made or found, gets this config, and
 * is published onto these numbers. Arguments: base URL, credential, name, instructions, number. Any answer it did not
 * expect ends it with an exit code.
 */
const [base = '', credential = '', name = '', instructions = '', number = ''] = process.argv.slice(2)

type Answer = { readonly status: number; readonly body: Record<string, unknown> }

const ask = async (
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answer> => {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json', ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const expect = (answer: Answer, ...statuses: readonly number[]): Answer => {
  if (!statuses.includes(answer.status)) throw new Error(`${answer.status}: ${JSON.stringify(answer.body)}`)
  return answer
}

const find = async (): Promise<string | undefined> => {
  const { body } = expect(await ask('GET', `/core/agents?name=${encodeURIComponent(name)}`), 200)
  return (body as unknown as { id: string }[])[0]?.id
}

const config = { instructions }

const updateDraft = async (id: string): Promise<number> =>
  Number(expect(await ask('PUT', `/core/agents/${id}/versions/latest`, { config }), 200).body.version)

const provision = async (): Promise<{ id: string; version: number }> => {
  const known = await find()
  if (known !== undefined) return { id: known, version: await updateDraft(known) }
  const made = expect(await ask('POST', '/core/agents', { name }, { 'if-none-match': '*' }), 200, 412)
  if (made.status === 412) {
    const id = await find()
    if (id === undefined) throw new Error('refused for an agent that is not there')
    return { id, version: await updateDraft(id) }
  }
  const id = String(made.body.id)
  return { id, version: Number(expect(await ask('POST', `/core/agents/${id}/versions`, { config }), 200).body.version) }
}

const { id, version } = await provision()
expect(await ask('POST', `/core/agents/${id}/versions/${version}/publish`, { phone_numbers: [number] }), 200)
