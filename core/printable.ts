/** Text from the network made fit to be stored and shown: no control characters, no half surrogates (PostgreSQL refuses both). */
export const printable = (text: string, limit = 255): string =>
  text
    .slice(0, limit)
    .toWellFormed()
    .replace(/[\u0000-\u001f\u007f]/g, '\ufffd')
