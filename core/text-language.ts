/** Which of PostgreSQL's text search configurations reads a language: how its words are reduced to their stems. */

/** All of PostgreSQL 15's; sql/012_knowledge.sql knows the same. */
const CONFIGURATIONS: Readonly<Record<string, string>> = {
  ar: 'arabic',
  hy: 'armenian',
  eu: 'basque',
  ca: 'catalan',
  da: 'danish',
  nl: 'dutch',
  en: 'english',
  fi: 'finnish',
  fr: 'french',
  de: 'german',
  el: 'greek',
  hi: 'hindi',
  hu: 'hungarian',
  id: 'indonesian',
  ga: 'irish',
  it: 'italian',
  lt: 'lithuanian',
  ne: 'nepali',
  nb: 'norwegian',
  nn: 'norwegian',
  no: 'norwegian',
  pt: 'portuguese',
  ro: 'romanian',
  ru: 'russian',
  sr: 'serbian',
  es: 'spanish',
  sv: 'swedish',
  ta: 'tamil',
  tr: 'turkish',
  yi: 'yiddish',
}

/** `language`: BCP 47, such as `de-CH`. What is not among them is searched by whole words. */
export const searchConfigurationOf = (language: string): string =>
  CONFIGURATIONS[language.toLowerCase().split('-', 1)[0] ?? ''] ?? 'simple'
