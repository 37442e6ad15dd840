/** The shell story (seeds.sh) against the real program: what a script written for Anyreach's API does, does. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { breakGround } from '#tests/calls/patchcord.ts'

test('a script for Anyreach’s Agents API runs with only the host changed', async t => {
  const ground = await breakGround()
  t.after(() => ground.clear())
  const patchcord = await ground.start()
  const story = spawn('bash', [join(import.meta.dirname, 'seeds.sh')], {
    env: {
      PATH: process.env.PATH,
      HOST: patchcord.http,
      ANYREACH_TOKEN: ground.test_app.credential,
      CALL: `${process.execPath} --disable-warning=ExperimentalWarning voice/call-command.ts --seconds 1`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [said, complained, [code]] = await Promise.all([text(story.stdout), text(story.stderr), once(story, 'exit')])
  t.diagnostic(said)
  assert.equal(code, 0, complained)
  assert.match(said, /told in \d{2} requests\n$/)
})
