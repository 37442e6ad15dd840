/** The real program, as a process on ports that the system picks and a database of its own, with what the tests ask of it. */
import type { ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DatabaseAddress } from '#store/address.ts'
import { startTestApp, TEST_SECRET_KEY, type TestApp } from '#tests/harness/app.ts'
import { makeTempDir } from '#tests/harness/cluster.ts'
import { type Ended, startProgram } from '#tests/harness/program.ts'

export type Answer<T> = { readonly status: number; readonly body: T }

export type Patchcord = {
  /** `http://host:port`. */
  readonly http: string
  readonly sip: { readonly host: string; readonly port: number }
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** One request with a key that may do everything. Rejects when the connection breaks. */
  request<T = unknown>(method: string, path: string, body?: unknown): Promise<Answer<T>>
  /** The body of a request that must be answered with 2xx. */
  ask<T>(method: string, path: string, body?: unknown): Promise<T>
}

/** An organization on a database of its own, for one or several processes. */
export type Ground = {
  readonly test_app: TestApp
  /** It is killed after `time_limit_ms`; default 120 s. */
  start(env?: Readonly<Record<string, string>>, time_limit_ms?: number): Promise<Patchcord>
  clear(): Promise<void>
}

/** Longer than any call of these tests. */
const TIME_LIMIT_MS = 120_000

const databaseUrl = ({ host, port, user, database }: DatabaseAddress): string =>
  `postgres:///${database}?host=${encodeURIComponent(host ?? '')}&port=${port}&user=${user}`

const requester =
  (http: string, credential: string) =>
  async <T>(method: string, path: string, body?: unknown): Promise<Answer<T>> => {
    const json = body === undefined ? {} : { 'content-type': 'application/json' }
    const response = await fetch(http + path, {
      method,
      headers: { authorization: `Bearer ${credential}`, ...json },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as T }
  }

/** Of an organization whose key may do everything, on a database that has its tables or will be given them. */
export const startOn = async (
  ground: Pick<TestApp, 'address' | 'credential'>,
  directory: string,
  env: Readonly<Record<string, string>>,
  time_limit_ms?: number,
): Promise<Patchcord> => {
  const program = startProgram({
    data_dir: join(directory, 'data'),
    by: 'node',
    time_limit_ms: time_limit_ms ?? TIME_LIMIT_MS,
    env: {
      DATABASE_URL: databaseUrl(ground.address),
      SECRET_KEY: TEST_SECRET_KEY.toString('hex'),
      ...env,
    },
  })
  const { http, sip } = await program.logged('listening')
  const [host = '', port = ''] = String(sip).split(':')
  const request = requester(String(http), ground.credential)
  return {
    http: String(http),
    sip: { host, port: Number(port) },
    child: program.child,
    ended: program.ended,
    request,
    ask: async <T>(method: string, path: string, body?: unknown): Promise<T> => {
      const answer = await request<T>(method, path, body)
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
      return answer.body
    },
  }
}

export const breakGround = async (): Promise<Ground> => {
  const test_app = await startTestApp({ max_connections: 2 })
  const directory = makeTempDir('calls')
  const started: Patchcord[] = []
  return {
    test_app,
    start: async (env = {}, time_limit_ms) => {
      const patchcord = await startOn(test_app, directory, env, time_limit_ms)
      started.push(patchcord)
      return patchcord
    },
    clear: async () => {
      for (const { child, ended } of started) {
        child.kill('SIGKILL')
        await ended
      }
      await test_app.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

export type AgentOrder = {
  readonly name: string
  /** One published version a message. */
  readonly messages: readonly string[]
  /** Registered, and put on version 1. */
  readonly numbers?: readonly string[]
  readonly deployed_as_sip?: boolean
  readonly silence_timeout_seconds?: number
}

export const configOf = (starting_message: string, silence_timeout_seconds = 30) => ({
  starting_message,
  limits: { silence_timeout_seconds },
})

/** Makes an agent by the public API, as an operator would. Answers its id. */
export const makeAgent = async (patchcord: Patchcord, order: AgentOrder): Promise<string> => {
  const { agent_id } = await patchcord.ask<{ agent_id: string }>('POST', '/core/agents', { name: order.name })
  for (const message of order.messages) {
    const config = configOf(message, order.silence_timeout_seconds)
    const { version } = await patchcord.ask<{ version: number }>('POST', `/core/agents/${agent_id}/versions`, {
      config,
    })
    await patchcord.ask('POST', `/core/agents/${agent_id}/versions/${version}/publish`)
  }
  for (const phone_number of order.numbers ?? []) await registerNumber(patchcord, phone_number)
  if (order.numbers !== undefined) await publishOnto(patchcord, agent_id, 1, order.numbers)
  if (order.deployed_as_sip) await patchcord.ask('POST', `/core/agents/${agent_id}/deploy-as-sip`)
  return agent_id
}

export const registerNumber = async (patchcord: Patchcord, phone_number: string): Promise<void> => {
  const trunks = await patchcord.ask<readonly { id: string }[]>('GET', '/core/trunks')
  await patchcord.ask('POST', '/core/phone-numbers', { phone_number, trunk_id: trunks[0]?.id })
}

export const publishOnto = (
  patchcord: Patchcord,
  agent_id: string,
  version: number,
  phone_numbers: readonly string[],
): Promise<unknown> => patchcord.ask('POST', `/core/agents/${agent_id}/versions/${version}/publish`, { phone_numbers })

/** The part of a conversation's record that the tests look at. */
export type CallRecord = {
  readonly id: string
  readonly status: string
  readonly end_reason: string | null
  readonly user_id: string | null
  readonly agent_id: string
  readonly version: number
  readonly agent_number: string | null
  readonly duration: number | null
  readonly media: {
    readonly packets_sent: number
    readonly packets_received: number
    readonly packets_lost: number
  } | null
  readonly routing: { readonly rule: string; readonly trace: readonly { readonly reason: string }[] }
  /** Only when read one by one. */
  readonly conversation: readonly { readonly who: string; readonly kind: string; readonly text: string }[] | null
}

const POLL_MS = 50

/** Asks again until it fits: records are written behind the call's back. Rejects with what there was at last. */
export const eventually = async <T>(
  what: string,
  read: () => Promise<T>,
  fits: (value: T) => boolean,
  limit_ms = 10_000,
): Promise<T> => {
  const until = performance.now() + limit_ms
  for (;;) {
    const value = await read()
    if (fits(value)) return value
    if (performance.now() > until) throw new Error(`${what} did not come: ${JSON.stringify(value).slice(0, 2000)}`)
    await sleep(POLL_MS)
  }
}

const ENDED = new Set(['completed', 'failed', 'cancelled', 'unanswered', 'transferred'])

/** The calls of one caller (or one agent), newest first, once there are `count` and all have ended. At most 100. */
export const endedCalls = (patchcord: Patchcord, filter: string, count: number): Promise<readonly CallRecord[]> =>
  eventually(
    `${count} ended calls of ${filter}`,
    () => patchcord.ask<readonly CallRecord[]>('GET', `/core/conversations?limit=100&${filter}`),
    calls => calls.length >= count && calls.every(call => ENDED.has(call.status)),
  )
