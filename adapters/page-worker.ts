/** The thread that parses what strangers wrote. It has no more memory and time than one page deserves (page-thread.ts). */
import { parentPort } from 'node:worker_threads'
import { READY } from '#adapters/bounded-thread.ts'
import type { ParseAnswer, ParseQuestion } from '#adapters/page-messages.ts'
import { parsePage } from '#adapters/parse-page.ts'
import { judgeRobots } from '#adapters/parse-robots.ts'

const answerTo = async (question: ParseQuestion): Promise<ParseAnswer> => {
  switch (question.kind) {
    case 'html':
      return { kind: 'page', page: parsePage(question.bytes, question.content_type, new URL(question.url)) }
    case 'pdf': {
      // Loaded when there is one: few sites have any.
      const { parsePdf } = await import('#adapters/parse-pdf.ts')
      return { kind: 'page', page: await parsePdf(question.bytes, new URL(question.url)) }
    }
    case 'robots':
      return { kind: 'robots', verdict: judgeRobots(question.url, question.text, question.asked) }
  }
}

parentPort?.on('message', (question: ParseQuestion) => {
  answerTo(question).then(
    answer => parentPort?.postMessage(answer),
    // A stack that is too deep is a page's fault too.
    () => parentPort?.postMessage({ kind: 'failed' } satisfies ParseAnswer),
  )
})
parentPort?.postMessage(READY)
