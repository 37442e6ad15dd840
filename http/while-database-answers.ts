/** A server that is frozen, not gone, lets queries hang for ever. Whoever waits for one is told within two seconds. */
import { refuse } from '#app/refused.ts'

/** Whether the database answers; settles soon, never rejects. */
export type Probe = () => Promise<boolean>

/** Together with the probe's own limit this stays below two seconds; nearly every request ends before it is asked. */
const PATIENCE_MS = 700

const settled = Symbol('settled')

const patience = (work: Promise<unknown>): Promise<typeof settled | 'waited'> =>
  new Promise(resolve => {
    const timer = setTimeout(() => resolve('waited'), PATIENCE_MS)
    const end = () => {
      clearTimeout(timer)
      resolve(settled)
    }
    work.then(end, end)
  })

const untilSilent = async (work: Promise<unknown>, answers: Probe): Promise<never> => {
  while ((await patience(work)) === 'waited') {
    if (!(await answers())) return refuse('database_unavailable')
  }
  // The work has ended and the race is over; this end is never seen.
  return new Promise<never>(() => {})
}

/**
 * What `work` gives; refused with database_unavailable when the database falls silent meanwhile. A long publish goes on
 * for as long as it takes, since a server at work still answers the probe.
 */
export const whileDatabaseAnswers = <T>(work: Promise<T>, answers: Probe): Promise<T> =>
  Promise.race([work, untilSilent(work, answers)])
