/** Places one call with baresip, without a sound card, and keeps what was heard. */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ChildOptions, runChild } from '#tests/peers/child.ts'
import { buildWav } from '#voice/wav.ts'

export type BaresipCall = {
  /** An existing directory of the test's; configuration and recordings go into a new one below it. */
  readonly directory: string
  /** `sip:user@host:port`. */
  readonly uri: string
  readonly transport?: 'udp' | 'tcp'
  readonly from?: string
  readonly credentials?: { readonly username: string; readonly password: string }
  /** 8000 Hz PCM said once from the start of the call, silence after it. */
  readonly say?: Int16Array
  /** Pressed one after another once the call is up (RFC 4733). */
  readonly dtmf?: string
  /** Hangs up this long after the call was established, unless the far end did. */
  readonly hold_ms: number
  readonly time_limit_ms?: number
  /** Told once, when the far end has answered. */
  readonly on_established?: () => void
}

export type BaresipResult = {
  readonly established: boolean
  /** Who said BYE; null when the call was never up. */
  readonly ended_by: 'us' | 'far_end' | null
  /** How long the call was up, from the answer to its end. */
  readonly duration_ms: number
  /** The recording of what was heard, 8000 Hz; null when no sound came. */
  readonly heard_wav: string | null
  /** All that baresip printed. */
  readonly output: string
}

const SAMPLE_RATE_HZ = 8000
/** baresip holds a pressed key for some 250 ms. */
const DTMF_INTERVAL_MS = 400

const configuration = (): string =>
  [
    'poll_method epoll',
    'sip_listen 127.0.0.1:0',
    // Without this the SDP names the first real interface.
    'net_interface 127.0.0.1',
    'call_local_timeout 30',
    'call_max_calls 1',
    'audio_source aufile,say.wav',
    'audio_player aufile,unused.wav',
    'audio_alert aufile,unused.wav',
    'audio_level no',
    ...['ausrc_srate 8000', 'auplay_srate 8000', 'ausrc_channels 1', 'auplay_channels 1'],
    'rtp_ports 40000-59999',
    'module_path /usr/lib/baresip/modules',
    ...['stdio.so', 'g711.so', 'aufile.so', 'sndfile.so', 'account.so', 'menu.so'].map(name => `module ${name}`),
    'snd_path .',
    '',
  ].join('\n')

const writeDirectory = async (call: BaresipCall): Promise<string> => {
  const directory = join(call.directory, `baresip-${crypto.randomUUID()}`)
  await mkdir(directory)
  await writeFile(join(directory, 'config'), configuration())
  await writeFile(join(directory, 'contacts'), '')
  const account = `<sip:${call.from ?? '+15550001111'}@127.0.0.1;transport=${call.transport ?? 'udp'}>`
  const { credentials } = call
  const auth = credentials ? `;auth_user=${credentials.username};auth_pass=${credentials.password}` : ''
  await writeFile(join(directory, 'accounts'), `${account};regint=0;audio_codecs=PCMU,PCMA${auth}\n`)
  // The end of the file would end the call.
  const said = call.say ?? new Int16Array(0)
  const padded = new Int16Array(said.length + Math.ceil(((call.hold_ms + 10_000) * SAMPLE_RATE_HZ) / 1000))
  padded.set(said)
  await writeFile(join(directory, 'say.wav'), buildWav({ rate_hz: SAMPLE_RATE_HZ, pcm: padded }))
  return directory
}

type Watched = { established_at_ms: number | null; ended_at_ms: number | null; hung_up: boolean }

/** Drives baresip by its keyboard: digits are pressed keys, `b` hangs up, `q` quits. */
const keyboard = (
  call: BaresipCall,
  watched: Watched,
  timers: NodeJS.Timeout[],
): NonNullable<ChildOptions['on_output']> => {
  const after = (delay_ms: number, what: () => void): void => void timers.push(setTimeout(what, delay_ms))
  return (output, stdin) => {
    if (watched.established_at_ms === null && output.includes('Call established')) {
      watched.established_at_ms = performance.now()
      call.on_established?.()
      for (const [index, digit] of [...(call.dtmf ?? '')].entries())
        after((index + 1) * DTMF_INTERVAL_MS, () => stdin.write(digit))
      after(call.hold_ms, () => {
        watched.hung_up = watched.ended_at_ms === null
        stdin.write('b')
      })
    }
    if (watched.ended_at_ms === null && /session closed|terminated \(duration/.test(output)) {
      watched.ended_at_ms = performance.now()
      // Its BYE, or the answer to ours, is still on its way.
      after(300, () => stdin.end('q'))
    }
  }
}

/** Rejects when baresip cannot run; a call that fails is a result. */
export const callWithBaresip = async (call: BaresipCall): Promise<BaresipResult> => {
  const directory = await writeDirectory(call)
  const watched: Watched = { established_at_ms: null, ended_at_ms: null, hung_up: false }
  const timers: NodeJS.Timeout[] = []
  const result = await runChild({
    command: 'baresip',
    args: ['-f', directory, '-e', `/dial ${call.uri}`],
    cwd: directory,
    time_limit_ms: call.time_limit_ms ?? call.hold_ms + 20_000,
    on_output: keyboard(call, watched, timers),
  })
  for (const timer of timers) clearTimeout(timer)
  const recording = (await readdir(directory)).find(name => name.endsWith('-dec.wav'))
  const { established_at_ms, ended_at_ms, hung_up } = watched
  return {
    established: established_at_ms !== null,
    ended_by: established_at_ms === null ? null : hung_up ? 'us' : 'far_end',
    duration_ms: established_at_ms === null ? 0 : (ended_at_ms ?? performance.now()) - established_at_ms,
    heard_wav: recording === undefined ? null : join(directory, recording),
    output: result.output,
  }
}
