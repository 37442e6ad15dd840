/** The program cannot start, or go on, as it was told to. The message is one sentence for the person who started it. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
