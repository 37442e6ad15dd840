/** Requests over kept connections, and what they cost the process that answers them. */
import { readFileSync } from 'node:fs'
import { Agent, request as httpRequest } from 'node:http'

export type Target = { readonly origin: string; readonly pid: number; readonly credential: string | null }

export type Asked = { readonly method: string; readonly path: string; readonly body?: unknown }

/** As many at a time. */
export const CONNECTIONS = 16

/** A clock tick of /proc is 10 ms, on every Linux that Node runs on. */
const TICK_US = 10_000

/** Processor time that a process has used so far, in µs: fields 14 and 15 of proc(5)'s stat, after the name in parentheses. */
const processorTimeUs = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_US
}

/** One request; rejects when it is not answered with 200. */
const ask = (agent: Agent, { origin, credential }: Target, { method, path, body }: Asked): Promise<string> => {
  const payload = body === undefined ? null : JSON.stringify(body)
  const headers = {
    ...(credential === null ? {} : { authorization: `Bearer ${credential}` }),
    ...(payload === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
  }
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${origin}${path}`, { method, agent, headers }, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        if (response.statusCode === 200) resolve(text)
        else reject(new Error(`${method} ${path}: ${response.statusCode} ${text.slice(0, 300)}`))
      })
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(payload)
  })
}

export type Load = { readonly cpu_us: number; readonly wall_us: number }

/** `make(nth)` for each request; both figures are of one request. */
export const putLoad = async (target: Target, requests: number, make: (nth: number) => Asked): Promise<Load> => {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  let next = 0
  const work = async (): Promise<void> => {
    while (next < requests) await ask(agent, target, make(next++))
  }
  try {
    const cpu_before = processorTimeUs(target.pid)
    const start = performance.now()
    await Promise.all(Array.from({ length: CONNECTIONS }, work))
    const wall_us = (performance.now() - start) * 1000
    return { cpu_us: (processorTimeUs(target.pid) - cpu_before) / requests, wall_us: wall_us / requests }
  } finally {
    agent.destroy()
  }
}

/** The text of one answer. */
export const fetchOnce = async (target: Target, asked: Asked): Promise<string> => {
  const agent = new Agent()
  try {
    return await ask(agent, target, asked)
  } finally {
    agent.destroy()
  }
}
