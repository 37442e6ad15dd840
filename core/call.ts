/** An incoming call as the router sees it: what the INVITE said and where it came from. Nothing here is trusted yet. */

export type Transport = 'udp' | 'tcp' | 'tls'

/** The audio codecs Patchcord can speak, by their SDP encoding name (RFC 3551). */
export type Codec = 'PCMU' | 'PCMA'

export type CallSource = { readonly address: string; readonly port: number; readonly transport: Transport }

export type IncomingCall = {
  /** Call-ID header, as received. */
  readonly call_id: string
  readonly source: CallSource
  /** User part of the Request-URI, percent-decoded, `''` when there is none; for a `tel:` URI its number. */
  readonly user: string
  /** Request-URI as received, kept for the trace. */
  readonly request_uri: string
  /** User part of the From URI (or its `tel:` number), percent-decoded; null when absent, anonymous or to be kept private. */
  readonly from_user: string | null
  /** User part of P-Asserted-Identity (RFC 3325); null when absent or to be kept private (RFC 3323). */
  readonly asserted_user: string | null
  /** Codecs of the offer that we could answer with, in the caller's order; null when the INVITE carries no offer. */
  readonly codecs: readonly Codec[] | null
  /** Authorization headers, as received: secret, so never recorded or logged. */
  readonly authorization: readonly string[]
  /** `X-` headers of the INVITE, names lower-cased. */
  readonly x_headers: Readonly<Record<string, string>>
}
