/** SIP messages (RFC 3261 section 7). */
/** Header fields in order of appearance, names lower-cased in their long form. */
export type SipHeaders = { get(name: string): string | undefined; all(name: string): readonly string[] }
