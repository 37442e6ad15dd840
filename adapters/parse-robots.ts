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

export const judgeRobots = (url: string, text: string, asked: readonly string[]): RobotsVerdict => {
  const robots = parse(url, text)
  const delay_seconds = robots.getCrawlDelay(USER_AGENT)
  return {
    allowed: asked.map(address => robots.isAllowed(address, USER_AGENT) !== false),
    sitemaps: robots.getSitemaps().slice(0, 20),
    crawl_delay_ms: delay_seconds === undefined ? null : Math.max(0, delay_seconds * 1000),
  }
}
