/**
 * The database or its directory cannot be used as things are. The message is one sentence for the person who started
 * the program: what is wrong, and what to do where that is known.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError'
}
