/** Which kinds of documents can be read, and how they are told. */
export const MEDIA_TYPES = ['text/plain', 'text/markdown', 'text/html', 'application/pdf'] as const
export type MediaType = (typeof MEDIA_TYPES)[number]

const ALIASES: Readonly<Record<string, MediaType>> = {
  'application/xhtml+xml': 'text/html',
  'text/x-markdown': 'text/markdown',
  'application/x-pdf': 'application/pdf',
}

const ENDINGS: Readonly<Record<string, MediaType>> = {
  txt: 'text/plain',
  text: 'text/plain',
  md: 'text/markdown',
  markdown: 'text/markdown',
  html: 'text/html',
  htm: 'text/html',
  pdf: 'application/pdf',
}

/** `Text/HTML; charset=utf-8` is text/html. null: none that can be read. */
export const mediaTypeOf = (header: string): MediaType | null => {
  const name = (header.split(';', 1)[0] ?? '').trim().toLowerCase()
  return MEDIA_TYPES.find(type => type === name) ?? ALIASES[name] ?? null
}

/** By the ending of its name. */
export const mediaTypeOfFile = (file_name: string): MediaType | null =>
  ENDINGS[(/\.([a-z]+)$/i.exec(file_name)?.[1] ?? '').toLowerCase()] ?? null
