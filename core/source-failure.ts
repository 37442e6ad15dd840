/** Why a source could not be read: a closed registry of code → sentence for the customer. */
export const SOURCE_FAILURES = {
  source_unreachable: 'The address does not answer.',
  source_denied: 'This address is no public one; the operator may add its range to OUTBOUND_ALLOW.',
  source_status: 'The address answers with an error instead of a document.',
  source_redirects: 'The address leads from one redirect to the next and never to a document.',
  source_type: 'This kind of document cannot be read: give HTML, PDF, Markdown or plain text.',
  source_too_large:
    'The document is too large to be read: 10 MiB, two million characters and 5,000 passages are the most.',
  source_too_slow: 'The document takes too long to be fetched or read.',
  source_unreadable: 'The document is damaged, encrypted, or not what its type says.',
  source_empty: 'There is no text in the document; scanned pages and pages made by scripts have none.',
  reading_stopped: 'The reading was stopped, or failed on our side; refresh the source to read it again.',
} as const

export type SourceFailureCode = keyof typeof SOURCE_FAILURES
export type SourceFailure = { readonly code: SourceFailureCode; readonly detail: string }

export const sourceFailure = (code: SourceFailureCode): SourceFailure => ({ code, detail: SOURCE_FAILURES[code] })
