/** The main thread's hold on the voice thread. */
import { Worker } from 'node:worker_threads'
import type { RoutingChange, RoutingFollower } from '#app/ports.ts'
import type { FromVoice, StartFault, ToVoice, VoiceSettings } from '#server/voice-messages.ts'

export type Voice = RoutingFollower & {
  readonly sip: { readonly host: string; readonly port: number }
  /** false once the thread has died: no call is answered any more. */
  alive(): boolean
  drain(): Promise<void>
  stop(): Promise<void>
}

type Waiting = { readonly resolve: () => void }

const toError = (fault: StartFault): Error => Object.assign(new Error(fault.message), fault)

/**
 * Rejects with the thread's own error when it cannot start. `on_death` is called when it ends without being asked to: a
 * process that looks alive and answers no call is worse than one that has ended and is started anew.
 */
export const startVoice = async (settings: VoiceSettings, on_death: (error: Error) => void): Promise<Voice> => {
  const worker = new Worker(new URL('./voice-thread.ts', import.meta.url), {
    workerData: settings,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  const started = Promise.withResolvers<Voice['sip']>()
  const drained = Promise.withResolvers<void>()
  const stopped = Promise.withResolvers<void>()
  const applying = new Map<number, Waiting>()
  let alive = true
  let stopping = false
  let seq = 0

  worker.on('message', (message: FromVoice) => {
    switch (message.kind) {
      case 'started':
        return started.resolve(message.sip)
      case 'failed':
        return started.reject(toError(message.fault))
      case 'applied':
        applying.get(message.seq)?.resolve()
        applying.delete(message.seq)
        return
      case 'drained':
        return drained.resolve()
      case 'stopped':
        return stopped.resolve()
    }
  })
  const ended = (error: Error) => {
    if (!alive) return
    alive = false
    started.reject(error)
    drained.resolve()
    stopped.resolve()
    for (const waiting of applying.values()) waiting.resolve()
    if (!stopping) on_death(error)
  }
  worker.on('error', ended)
  worker.on('exit', code => ended(new Error(`the voice thread ended with ${code}`)))

  const send = (message: ToVoice): void => worker.postMessage(message)
  let sip: Voice['sip']
  try {
    sip = await started.promise
  } catch (error) {
    stopping = true
    await worker.terminate()
    throw error
  }
  return {
    sip,
    alive: () => alive,
    changed: (change: RoutingChange) => {
      if (!alive) return Promise.resolve()
      const { promise, resolve } = Promise.withResolvers<void>()
      seq += 1
      applying.set(seq, { resolve })
      send({ kind: 'changed', seq, change })
      return promise
    },
    drain: () => {
      if (alive) send({ kind: 'drain' })
      return drained.promise
    },
    stop: async () => {
      stopping = true
      if (alive) send({ kind: 'stop' })
      await stopped.promise
      await worker.terminate()
    },
  }
}
