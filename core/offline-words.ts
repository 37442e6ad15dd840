/** The few sentences that the offline mind says of its own, in the languages it knows; English for all others. */

type OfflineWords = {
  readonly from: (source: string) => string
  readonly nothing: string
  readonly what_i_am: string
  readonly greeting: string
  readonly speechless: string
}

const WORDS: Readonly<Record<string, OfflineWords>> = {
  en: {
    from: source => `(From: ${source})`,
    nothing: 'I found nothing about that in what I have been given.',
    what_i_am: 'I look answers up automatically, word for word; no language model is connected.',
    greeting: 'Hello! What would you like to know?',
    speechless: 'I have no answer to that.',
  },
  de: {
    from: source => `(Aus: ${source})`,
    nothing: 'Dazu finde ich nichts in dem, was mir vorliegt.',
    what_i_am: 'Ich schlage Antworten automatisch und wörtlich nach; ein Sprachmodell ist nicht angeschlossen.',
    greeting: 'Guten Tag! Was möchten Sie wissen?',
    speechless: 'Darauf habe ich keine Antwort.',
  },
  es: {
    from: source => `(Fuente: ${source})`,
    nothing: 'No encuentro nada sobre eso en la información que tengo.',
    what_i_am: 'Busco las respuestas automáticamente y al pie de la letra; no hay ningún modelo de lenguaje conectado.',
    greeting: '¡Hola! ¿Qué desea saber?',
    speechless: 'No tengo respuesta a eso.',
  },
  fr: {
    from: source => `(Source : ${source})`,
    nothing: 'Je ne trouve rien à ce sujet dans ce qui m’a été fourni.',
    what_i_am: 'Je cherche les réponses automatiquement, mot pour mot ; aucun modèle de langage n’est connecté.',
    greeting: 'Bonjour ! Que souhaitez-vous savoir ?',
    speechless: 'Je n’ai pas de réponse à cela.',
  },
}

/** `language`: BCP 47. */
export const offlineWords = (language: string): OfflineWords => {
  const english = WORDS.en as OfflineWords
  return WORDS[language.split('-', 1)[0]?.toLowerCase() ?? ''] ?? english
}
