import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeRobots } from '#adapters/parse-robots.ts'

const ROWS: readonly (readonly [line: string, delay_ms: number | null])[] = [
  ['', null],
  ['Crawl-delay: 2', 2000],
  ['Crawl-delay: 0.5', 500],
  ['Crawl-delay: soon', null],
  ['Crawl-delay: -1', 0],
  // A timer that is told so much fires at once.
  ['Crawl-delay: 99999999', 3_600_000],
  ['Crawl-delay: Infinity', 3_600_000],
]

for (const [line, delay_ms] of ROWS)
  test(`pace: ${line || 'nothing said'}`, () => {
    const { crawl_delay_ms } = judgeRobots('https://a.example/robots.txt', `User-agent: *\n${line}\n`, [])
    assert.equal(crawl_delay_ms, delay_ms)
  })
