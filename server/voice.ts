/** The main thread's hold on the voice thread. */
import { Worker } from 'node:worker_threads'
import type { Log, RoutingChange, RoutingFollower } from '#app/ports.ts'
import type { FromVoice, StartFault, ToVoice, VoiceSettings } from '#server/voice-messages.ts'

export type Voice = RoutingFollower & {
  /** Resolves with where SIP is served. Rejects with the thread's own error when it cannot start. */
  readonly started: Promise<SipAddress>
  /** Resolves when it has to wait for the database: neither that nor the disk has a routing table. */
  readonly waiting: Promise<void>
  /** Whether calls are answered. */
  alive(): boolean
  drain(): Promise<void>
  stop(): Promise<void>
}

export type SipAddress = { readonly host: string; readonly port: number }

const toError = (fault: StartFault): Error => Object.assign(new Error(fault.message), fault)

/** A database that hangs must not keep a committed change from being answered: the next poll brings it. */
const APPLY_LIMIT_MS = 5_000

/** Questions to the thread, by number, each with an end. */
const createQuestions = (log: Log) => {
  const waiting = new Map<number, () => void>()
  let seq = 0
  const applied = (answered: number): void => {
    waiting.get(answered)?.()
    waiting.delete(answered)
  }
  return {
    applied,
    /** Resolves when it is answered, or nobody will. */
    ask: (send: (seq: number) => void): Promise<void> => {
      seq += 1
      const asked = seq
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(() => {
        log.warn({}, 'a change is not routed by yet: the database does not answer; it will be when it does')
        applied(asked)
      }, APPLY_LIMIT_MS)
      waiting.set(asked, () => {
        clearTimeout(timer)
        resolve()
      })
      send(asked)
      return promise
    },
    giveUp: () => {
      for (const asked of [...waiting.keys()]) applied(asked)
    },
  }
}

/**
 * `on_death` is called when the thread ends without being asked to, after its start: a process that looks alive and answers
 * no call is worse than one that has ended and is started anew.
 */
export const startVoice = (settings: VoiceSettings, log: Log, on_death: (error: Error) => void): Voice => {
  const worker = new Worker(new URL('./voice-thread.ts', import.meta.url), {
    workerData: settings,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  const started = Promise.withResolvers<SipAddress>()
  const waiting = Promise.withResolvers<void>()
  const drained = Promise.withResolvers<void>()
  const stopped = Promise.withResolvers<void>()
  const questions = createQuestions(log)
  let state: 'starting' | 'serving' | 'stopping' | 'ended' = 'starting'

  const ended = (error: Error) => {
    if (state === 'ended') return
    if (state === 'serving') on_death(error)
    state = 'ended'
    started.reject(error)
    drained.resolve()
    stopped.resolve()
    questions.giveUp()
  }
  worker.on('message', (message: FromVoice) => {
    switch (message.kind) {
      case 'waiting':
        return waiting.resolve()
      case 'started':
        if (state === 'starting') state = 'serving'
        return started.resolve(message.sip)
      case 'failed':
        return ended(toError(message.fault))
      case 'applied':
        return questions.applied(message.seq)
      case 'drained':
        return drained.resolve()
      case 'stopped':
        return stopped.resolve()
    }
  })
  worker.on('error', ended)
  worker.on('exit', code => ended(new Error(`the voice thread ended with ${code}`)))
  started.promise.catch(() => {})

  const send = (message: ToVoice): void => worker.postMessage(message)
  return {
    started: started.promise,
    waiting: waiting.promise,
    alive: () => state === 'serving' || state === 'stopping',
    changed: async (change: RoutingChange) => {
      if (state === 'serving') await questions.ask(seq => send({ kind: 'changed', seq, change }))
    },
    drain: async () => {
      if (state !== 'serving') return
      send({ kind: 'drain' })
      await drained.promise
    },
    stop: async () => {
      // Nothing is lost by ending a thread that has not begun to answer calls.
      if (state === 'serving') {
        state = 'stopping'
        send({ kind: 'stop' })
        await stopped.promise
      }
      state = 'ended'
      await worker.terminate()
    },
  }
}
