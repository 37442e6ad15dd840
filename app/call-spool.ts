/**
 * Call records on their way to the database: in memory, to be written at once, and in files until the database has taken
 * them, so that they outlive this process and need not all stay in memory. What was taken and is not deleted yet when a
 * process dies is written again by the next, which changes nothing.
 *
 * Files are written as records come and flushed to the device within a second: kill -9 costs what came within one turn of
 * the event loop, a power failure a second. They are sealed, since they hold what callers said. A disk that fails costs
 * nothing while the database takes the records, and never a call.
 */
import type { Log } from '#app/ports.ts'
import type { ConversationPatch, NewConversation, NewItem } from '#store/conversations.ts'
import { openSealedLog, readFrames, type SealedLog } from '#store/sealed-file.ts'
import type { SecretBox } from '#store/secret-box.ts'
import {
  listSpoolFiles,
  makeSpoolDirectory,
  removeSpoolFile,
  type SpoolDirectory,
  setSpoolFileAside,
  spoolFile,
  takeOverSpoolDirectories,
} from '#store/spool-directory.ts'

/** One event of a call as the rows it becomes: complete, whatever came before it. */
export type CallNote =
  | { readonly opened: NewConversation }
  | { readonly patch: ConversationPatch; readonly item: NewItem | null }

export type CallSpool = {
  append(note: CallNote): void
  /** The oldest that were not given yet; empty: there are none. To be asked again only after `taken`. */
  next(limit: number): Promise<readonly CallNote[]>
  /** The database has those that `next` gave last. */
  taken(): void
  /** Saves what is not taken for the next process, if the disk takes it. */
  close(): Promise<void>
}

/** A part of the queue. Taken from the front, appended to the last one, whose file is open. */
type Segment = {
  /** null: nothing was written yet. */
  file: string | null
  /** null: only in the file. */
  waiting: CallNote[] | null
  bytes: number
  /** Whose last segment it is. */
  readonly leaves: SpoolDirectory | null
}

export type SpoolOptions = {
  /** Where the directories of all processes are. */
  readonly root: string
  readonly edge_id: string
  readonly secrets: SecretBox
  readonly log: Log
  /** For tests; notes in memory beyond which closed files are not kept there, and beyond which a failing disk loses some. */
  readonly segment_bytes?: number
  readonly memory_notes?: number
  readonly lost_beyond_notes?: number
}

/** With a version: notes of another shape are another purpose. */
const PURPOSE = 'call spool 1'
const SEGMENT_BYTES = 1_000_000
/** Some ten megabytes. */
const MEMORY_NOTES = 5_000
const LOST_BEYOND_NOTES = 200_000
const DISK_RETRY_MS = 5_000
/** What has waited for a disk is written in frames that can be read again, and between which calls are answered. */
const FRAME_LENGTH = 500_000

/** Segments that dead processes have left. */
const takeOver = async ({ root, log }: SpoolOptions): Promise<Segment[]> => {
  const segments: Segment[] = []
  for (const directory of await takeOverSpoolDirectories(root)) {
    // Another process that starts now may have emptied and removed it since it was seen.
    const files = await listSpoolFiles(directory.path).catch(() => [])
    if (files.length === 0) await directory.leave()
    else log.info({ files: files.length }, 'call records of a process that has ended are written to the database')
    for (const [index, file] of files.entries())
      segments.push({ file, waiting: null, bytes: 0, leaves: index === files.length - 1 ? directory : null })
  }
  return segments
}

const readSegment = async (file: string, { secrets, log }: SpoolOptions): Promise<CallNote[]> => {
  const notes: CallNote[] = []
  try {
    for await (const text of readFrames(file, secrets, PURPOSE)) notes.push(...(JSON.parse(text) as CallNote[]))
  } catch (error) {
    log.error(
      { file, read: notes.length, err: String(error) },
      'call records in a file cannot be read; it is kept aside',
    )
    await setSpoolFileAside(file).catch(() => {})
  }
  return notes
}

type State = {
  readonly options: SpoolOptions
  /** The oldest first; files are those of `directory`, and before them those that were left. */
  readonly line: Segment[]
  last: Segment
  directory: SpoolDirectory | null
  files: number
  /** Of the last segment's file. */
  writer: SealedLog | null
  unsaved: CallNote[]
  saving: Promise<void> | null
  scheduled: boolean
  retry_at_ms: number
  /** What `next` gave last is of this one. */
  given: Segment | null
  /** Files being closed and deleted. */
  clearing: Promise<void>
  lost: number
}

const diskFailed = ({ options }: State, error: unknown): void =>
  options.log.error({ err: String(error) }, 'the disk takes no call records; they wait for the database in memory only')

const lengthOf = ({ waiting }: Segment): number => waiting?.length ?? 0

const later = (state: State, work: () => Promise<void>): void => {
  state.clearing = state.clearing.then(work).catch(error => diskFailed(state, error))
}

/** What is not in the last segment's file yet goes with the next one. */
const closeLast = (state: State): void => {
  const { line, last, writer, unsaved, options } = state
  const next: Segment = { file: null, waiting: [], bytes: 0, leaves: null }
  next.waiting = last.waiting?.splice(Math.max(0, lengthOf(last) - unsaved.length)) ?? []
  state.last = next
  state.writer = null
  line.push(next)
  if (writer !== null) later(state, () => writer.close())
  let in_memory = line.reduce((sum, segment) => sum + lengthOf(segment), 0)
  for (const segment of line.slice(1, -1)) {
    if (in_memory <= (options.memory_notes ?? MEMORY_NOTES)) break
    in_memory -= lengthOf(segment)
    segment.waiting = null
  }
}

const openWriter = async (state: State): Promise<SealedLog> => {
  const { root, edge_id, secrets } = state.options
  state.directory ??= await makeSpoolDirectory(root, edge_id)
  state.files += 1
  const file = spoolFile(state.directory.path, state.files)
  const opened = await openSealedLog(file, secrets, PURPOSE)
  state.last.file = file
  return opened
}

/** The texts of as many notes as make a frame; at least one. */
const frameOf = (notes: readonly CallNote[]): readonly string[] => {
  const texts: string[] = []
  let length = 0
  for (const note of notes) {
    const text = JSON.stringify(note)
    texts.push(text)
    length += text.length
    if (length >= FRAME_LENGTH) break
  }
  return texts
}

const save = async (state: State): Promise<void> => {
  while (state.unsaved.length > 0) {
    const texts = frameOf(state.unsaved)
    const notes = state.unsaved.splice(0, texts.length)
    try {
      state.writer ??= await openWriter(state)
      state.last.bytes += await state.writer.append(`[${texts.join(',')}]`)
      if (state.last.bytes >= (state.options.segment_bytes ?? SEGMENT_BYTES)) closeLast(state)
    } catch (error) {
      diskFailed(state, error)
      state.unsaved = [...notes, ...state.unsaved]
      state.retry_at_ms = performance.now() + DISK_RETRY_MS
      closeLast(state)
      return
    }
  }
}

const startSaving = (state: State): void => {
  state.scheduled = false
  if (state.saving !== null || performance.now() < state.retry_at_ms) return
  state.saving = save(state).finally(() => {
    state.saving = null
  })
}

const drop = async ({ file, leaves }: Segment): Promise<void> => {
  if (file !== null) await removeSpoolFile(file)
  await leaves?.leave()
}

/** Files whose records are all in the database are deleted. */
const clearTaken = (state: State): void => {
  const { line } = state
  for (;;) {
    const [first] = line
    if (first === undefined || first === state.last || first === state.given || first.waiting?.length !== 0) break
    line.shift()
    later(state, () => drop(first))
  }
  if (state.given !== null || state.saving !== null) return
  // Those at the front were taken before any disk had them.
  state.unsaved.splice(0, Math.max(0, state.unsaved.length - lengthOf(state.last)))
  if (line.length > 1 || lengthOf(state.last) > 0) return
  if (state.last.bytes < (state.options.segment_bytes ?? SEGMENT_BYTES) / 4) return
  closeLast(state)
  clearTaken(state)
}

const append = (state: State, note: CallNote): void => {
  const { log, lost_beyond_notes = LOST_BEYOND_NOTES } = state.options
  if (state.unsaved.length >= lost_beyond_notes) {
    if (state.lost % 10_000 === 0)
      log.error({ lost: state.lost + 1 }, 'call records are lost: neither the database nor the disk takes them')
    state.lost += 1
    return
  }
  state.last.waiting?.push(note)
  state.unsaved.push(note)
  // What comes in the same turn is written together.
  if (!state.scheduled) setImmediate(startSaving, state)
  state.scheduled = true
}

const next = async (state: State, limit: number): Promise<readonly CallNote[]> => {
  for (;;) {
    const [first] = state.line
    if (first === undefined) return []
    if (first.waiting === null) first.waiting = first.file === null ? [] : await readSegment(first.file, state.options)
    if (first.waiting.length > 0) {
      state.given = first
      return first.waiting.splice(0, limit)
    }
    if (first === state.last) return []
    clearTaken(state)
  }
}

const close = async (state: State): Promise<void> => {
  await state.saving
  if (state.given === null && state.line.every(segment => segment.waiting?.length === 0)) state.unsaved = []
  await save(state)
  const taken = state.given === null && lengthOf(state.last) === 0
  // A last segment that is closed is one like the others: deleted if all of it was taken.
  if (taken || state.writer !== null) closeLast(state)
  clearTaken(state)
  await state.clearing
  // Whoever starts next may take over what is left.
  for (const { leaves } of state.line) await leaves?.leave()
  await state.directory?.leave()
}

/** Never rejects for what the disk does: without one, records wait in memory only. */
export const openCallSpool = async (options: SpoolOptions): Promise<CallSpool> => {
  const last: Segment = { file: null, waiting: [], bytes: 0, leaves: null }
  const state: State = {
    options,
    line: [],
    last,
    directory: null,
    files: 0,
    writer: null,
    unsaved: [],
    saving: null,
    scheduled: false,
    retry_at_ms: 0,
    given: null,
    clearing: Promise.resolve(),
    lost: 0,
  }
  const left = takeOver(options).catch(error => {
    diskFailed(state, error)
    return []
  })
  state.line.push(...(await left), last)
  return {
    append: note => append(state, note),
    next: limit => next(state, limit),
    taken: () => {
      state.given = null
      clearTaken(state)
    },
    close: () => close(state),
  }
}
