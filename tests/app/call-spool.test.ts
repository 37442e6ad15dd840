/** Records that wait for the database: none is lost over restarts, whatever is taken when; damage costs what is damaged. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, promises, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { after, mock, test } from 'node:test'
import fc from 'fast-check'
import { type CallNote, type CallSpool, openCallSpool, type SpoolOptions } from '#app/call-spool.ts'
import { openSealedLog } from '#store/sealed-file.ts'
import { createSecretBox } from '#store/secret-box.ts'
import { testLog } from '#tests/harness/app.ts'
import { makeTempDir } from '#tests/harness/cluster.ts'

const directory = makeTempDir('spool')
after(() => rmSync(directory, { recursive: true }))
const secrets = createSecretBox(Buffer.alloc(32, 'spool'))

let opened = 0
const optionsFor = (root: string, changes: Partial<SpoolOptions> = {}): SpoolOptions => {
  opened += 1
  return { root, edge_id: `edge-${String(opened).padStart(6, '0')}`, secrets, log: testLog(), ...changes }
}

/** Recognized by its id; with as many words as make a file fill up. */
const noteOf = (id: number): CallNote => {
  const unknown = { status: null, end_reason: null, media: null, answered_at: null, ended_at: null } as const
  const patch = { id: String(id), ...unknown, user_turns: 0, updated_at: '2026-11-22T12:00:00Z' }
  return { patch, item: null }
}
const idsOf = (notes: readonly CallNote[]): number[] =>
  notes.map(note => Number('opened' in note ? note.opened.id : note.patch.id))

const takeAll = async (spool: CallSpool, limit = 1000): Promise<number[]> => {
  const ids: number[] = []
  for (;;) {
    const notes = await spool.next(limit)
    if (notes.length === 0) return ids
    ids.push(...idsOf(notes))
    spool.taken()
  }
}

/** A spool with these notes that its process has not got rid of. */
const leave = async (root: string, ids: readonly number[], changes: Partial<SpoolOptions> = {}): Promise<string> => {
  const options = optionsFor(root, changes)
  const spool = await openCallSpool(options)
  for (const id of ids) {
    spool.append(noteOf(id))
    // A frame each.
    await new Promise(resolve => setImmediate(resolve))
  }
  await spool.close()
  return join(root, options.edge_id)
}
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index)

type Step = { readonly append: number } | { readonly take: number } | 'restart' | 'turn'
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ append: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ take: fc.integer({ min: 1, max: 20 }) }),
    fc.constantFrom('restart' as const, 'turn' as const),
  ),
  { maxLength: 25 },
)

test('whatever is taken when, and however often the process ends: every record is given, in order, and files go', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(steps, async story => {
      const root = join(directory, `run-${++run}`)
      const open = () => openCallSpool(optionsFor(root, { segment_bytes: 900, memory_notes: 5 }))
      let spool = await open()
      let appended = 0
      /** All below were taken. */
      let taken = 0
      for (const step of story) {
        if (step === 'restart') {
          await spool.close()
          spool = await open()
        } else if (step === 'turn') {
          await new Promise(resolve => setImmediate(resolve))
        } else if ('append' in step) {
          for (const id of range(appended, appended + step.append)) spool.append(noteOf(id))
          appended += step.append
        } else {
          const ids = idsOf(await spool.next(step.take))
          // After a restart what was taken may come again; nothing is left out.
          assert.ok(ids.length === 0 ? taken === appended : (ids[0] ?? 0) <= taken, `${ids} after ${taken}`)
          for (const [index, id] of ids.entries()) assert.equal(id, (ids[0] ?? 0) + index)
          taken = Math.max(taken, (ids.at(-1) ?? -1) + 1)
          if (ids.length > 0) spool.taken()
        }
      }
      const rest = await takeAll(spool)
      assert.ok(rest.length === 0 ? taken === appended : (rest[0] ?? 0) <= taken && rest.at(-1) === appended - 1)
      await spool.close()
      assert.deepEqual(readdirSync(root), [])
    }),
    { numRuns: 150 },
  )
})

test('files are their owner’s alone, and what is said in them cannot be read', async () => {
  const root = join(directory, 'private')
  const path = await leave(root, [7])
  const [file = ''] = readdirSync(path)
  assert.deepEqual([statSync(path).mode & 0o777, statSync(join(path, file)).mode & 0o777], [0o700, 0o600])
  assert.equal(readFileSync(join(path, file)).includes('updated_at'), false)
})

test('a file that a crash cut short gives what it has whole; one byte changed, what is before it, and is kept', async () => {
  const root = join(directory, 'cut')
  const path = await leave(root, range(0, 5))
  const [name = ''] = readdirSync(path)
  const whole = readFileSync(join(path, name))
  const read = async (bytes: Buffer) => {
    rmSync(root, { recursive: true })
    mkdirSync(path, { recursive: true })
    writeFileSync(join(path, name), bytes)
    const spool = await openCallSpool(optionsFor(root))
    const ids = await takeAll(spool)
    await spool.close()
    return { ids, left: readdirSync(root).flatMap(each => readdirSync(join(root, each))) }
  }
  let longest = 0
  for (let at = 0; at <= whole.length; at += 13) {
    const { ids, left } = await read(whole.subarray(0, at))
    assert.deepEqual(ids, range(0, ids.length))
    assert.deepEqual(left, [])
    assert.ok(ids.length >= longest)
    longest = ids.length
    const damaged = Buffer.from(whole)
    damaged[at] = (damaged[at] ?? 0) ^ 1
    const changed = await read(damaged)
    assert.deepEqual(changed.ids, range(0, changed.ids.length))
    assert.ok(changed.ids.length < 5 || at === whole.length)
  }
  assert.deepEqual((await read(whole)).ids, range(0, 5))
})

test('records sealed with another key are kept for whoever has it', async () => {
  const root = join(directory, 'foreign')
  const path = await leave(root, [1], { secrets: createSecretBox(Buffer.alloc(32, 'former')) })
  const log = testLog()
  const spool = await openCallSpool(optionsFor(root, { log }))
  assert.deepEqual(await takeAll(spool), [])
  await spool.close()
  assert.deepEqual(readdirSync(path), ['00000001.spool.unreadable'])
  assert.match(String(log.lines.find(line => line.level === 'error')?.fields.err), /sealed with the key/)
})

test('the files of a process that lives are left alone', async () => {
  const root = join(directory, 'living')
  const living = await openCallSpool(optionsFor(root))
  living.append(noteOf(1))
  for (let turns = 0; turns < 200 && readdirSync(root).length === 0; turns++)
    await new Promise(resolve => setImmediate(resolve))
  const other = await openCallSpool(optionsFor(root))
  assert.deepEqual(await takeAll(other), [])
  await other.close()
  assert.deepEqual(await takeAll(living), [1])
  await living.close()
  assert.deepEqual(readdirSync(root), [])
})

test('without a disk records wait in memory, up to a bound, and the log says so', async () => {
  const root = join(directory, 'a file')
  writeFileSync(root, '')
  const log = testLog()
  const spool = await openCallSpool(optionsFor(root, { log, lost_beyond_notes: 3 }))
  for (const id of range(0, 5)) spool.append(noteOf(id))
  await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual(await takeAll(spool), [0, 1, 2])
  spool.append(noteOf(9))
  assert.deepEqual(await takeAll(spool), [9])
  await spool.close()
  assert.ok(log.lines.some(line => line.message.startsWith('the disk takes no call records')))
  assert.ok(log.lines.some(line => line.message.startsWith('call records are lost')))
})

test('whatever has piled up while no disk took it can be read again when one does', async () => {
  const root = join(directory, 'late disk')
  writeFileSync(root, '')
  const spool = await openCallSpool(optionsFor(root))
  // More than one frame may hold.
  const text = 'long '.repeat(2_000)
  const count = 8_000
  for (const id of range(0, count)) {
    const item = { conversation_id: String(id), position: 0, who: 'user', kind: 'speech', text } as const
    spool.append({ ...noteOf(id), item: { ...item, interrupted: false, created_at: '2026-11-22T12:00:00Z' } })
  }
  await new Promise(resolve => setImmediate(resolve))
  rmSync(root)
  await spool.close()
  const next = await openCallSpool(optionsFor(root))
  assert.deepEqual(await takeAll(next), range(0, count))
  await next.close()
})

test('without a disk what the database takes is none of those that are lost, however many come at once', async () => {
  const root = join(directory, 'another file')
  writeFileSync(root, '')
  const log = testLog()
  const spool = await openCallSpool(optionsFor(root, { log, lost_beyond_notes: 10 }))
  const taken: number[] = []
  spool.append(noteOf(0))
  const failures = () => log.lines.filter(line => line.message.startsWith('the disk takes no call records')).length
  // Of looking for what others have left, and of writing.
  while (failures() < 2) await new Promise(resolve => setImmediate(resolve))
  for (const id of range(1, 100)) {
    const notes = await spool.next(1)
    // There is always one more.
    spool.append(noteOf(id))
    await new Promise(resolve => setImmediate(resolve))
    spool.taken()
    taken.push(...idsOf(notes))
  }
  taken.push(...(await takeAll(spool)))
  assert.deepEqual(taken, range(0, 100))
  await spool.close()
})

/** What all file handles have in common. */
const fileHandles = async (): Promise<{ appendFile: () => Promise<void> }> => {
  const handle = await open(directory)
  const prototype = Object.getPrototypeOf(handle)
  await handle.close()
  return prototype
}

test('a full disk that is asked again and again costs no descriptors and leaves no files', async () => {
  const root = join(directory, 'full')
  mkdirSync(root)
  const file = join(root, 'log')
  const before = readdirSync('/proc/self/fd').length
  // Every write of a file handle ends so.
  mock.method(await fileHandles(), 'appendFile', async () => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  })
  try {
    for (let times = 0; times < 20; times++) await assert.rejects(openSealedLog(file, secrets, 'test'), /no space left/)
  } finally {
    mock.restoreAll()
  }
  assert.deepEqual([readdirSync('/proc/self/fd').length, readdirSync(root)], [before, []])
})

test('what another process has just taken and removed does not keep this one from the rest', async () => {
  const root = join(directory, 'at once')
  const path = await leave(root, [1, 2])
  const gone = join(root, 'edge-000000')
  mkdirSync(gone)
  const real = promises.readdir
  const readThenRemove = async (...args: Parameters<typeof real>) => {
    const entries = await real(...args)
    if (args[0] === root) rmSync(gone, { recursive: true, force: true })
    return entries
  }
  mock.method(promises, 'readdir', readThenRemove as typeof real)
  syncBuiltinESMExports()
  try {
    const log = testLog()
    const spool = await openCallSpool(optionsFor(root, { log }))
    assert.deepEqual(await takeAll(spool), [1, 2])
    await spool.close()
    assert.deepEqual(
      log.lines.filter(line => line.level === 'error'),
      [],
    )
    assert.equal(existsSync(path), false)
  } finally {
    mock.restoreAll()
    syncBuiltinESMExports()
  }
})
