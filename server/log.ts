/** The program's log: JSON lines on stdout. Never a token, a prompt, a caller's number or words. */
import pino from 'pino'
import type { Log } from '#app/ports.ts'
import type { LogLevel } from '#server/config.ts'

export const createLog = (level: LogLevel): Log =>
  pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: label => ({ level: label }) },
  })
