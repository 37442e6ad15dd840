/** Server-sent events, as they come off the wire (HTML 9.2.6). Pure. */

/** The data of each event that is complete; comments, names and ids are left out. */
export const eventReader = (): ((piece: string) => string[]) => {
  let rest = ''
  return piece => {
    // A carriage return at the end may be half of a line's end.
    rest = `${rest}${piece}`.replace(/\r\n|\r(?!$)/g, '\n')
    const events = rest.split('\n\n')
    rest = events.pop() ?? ''
    return events.flatMap(event => {
      const lines = event.split('\n').flatMap(line => /^data: ?(.*)$/.exec(line)?.[1] ?? [])
      return lines.length === 0 ? [] : [lines.join('\n')]
    })
  }
}
