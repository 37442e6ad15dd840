/** robots.txt (RFC 9309). Runs where hostile files are parsed. */
import robotsParser from 'robots-parser'
import type { RobotsVerdict } from '#adapters/page-messages.ts'
import { USER_AGENT } from '#adapters/user-agent.ts'

type Robots = {
  isAllowed(url: string, agent: string): boolean | undefined
  getCrawlDelay(agent: string): number | undefined
  getSitemaps(): string[]
}
/** Its types describe a default export that its CommonJS does not have. */
const parse = robotsParser as unknown as (url: string, text: string) => Robots

/** More than any visit lasts, and less than what a timer takes for no time at all. */
const DELAY_LIMIT_SECONDS = 3600

/** null: none is asked for, or not in figures. */
const delayOf = (seconds: number | undefined): number | null =>
  seconds === undefined || Number.isNaN(seconds) ? null : Math.min(DELAY_LIMIT_SECONDS, Math.max(0, seconds)) * 1000

export const judgeRobots = (url: string, text: string, asked: readonly string[]): RobotsVerdict => {
  const robots = parse(url, text)
  const delay_seconds = robots.getCrawlDelay(USER_AGENT)
  return {
    allowed: asked.map(address => robots.isAllowed(address, USER_AGENT) !== false),
    sitemaps: robots.getSitemaps().slice(0, 20),
    crawl_delay_ms: delayOf(delay_seconds),
  }
}
