/** Trunks in the `/core` dialect. Passwords come in and never leave. */

import { type Static, Type as T } from 'typebox'
import { TRUNK_TRANSPORTS, type Trunk } from '#core/trunk.ts'
import { closed, ignored, nullable, time, uuid, word } from '#wire/schema.ts'

const INBOUND = 'Whose calls are taken: what is set must all match, and without addresses and credentials nobody’s are.'
const OUTBOUND = 'Where calls go out.'
const HAS_PASSWORD = 'Whether a password is kept; it is never shown.'

const addresses = (more: object = {}) =>
  T.Array(T.String({ maxLength: 64 }), {
    description: 'IP addresses or CIDR ranges that calls may come from; empty: any, if there are credentials.',
    examples: [['192.0.2.0/24', '2001:db8::7']],
    ...more,
  })
const transports = (more: object = {}) =>
  T.Array(word(['udp', 'tcp', 'tls']), { description: 'How calls may arrive.', ...more })
const FORWARDING =
  '`redirect`: the trunk is told where to call (SIP 302). `bridge`: Patchcord calls there itself and joins the two.'
const forwarding = () => word(['redirect', 'bridge'], { description: FORWARDING })
const trustAssertedIdentity = (more: object = {}) =>
  T.Boolean({
    description: 'Whether P-Asserted-Identity says who calls (RFC 3325). False: From alone does.',
    ...more,
  })
const outboundTransport = word(['UDP', 'TCP', 'TLS'])
const mediaEncryption = word(['NONE', 'SDES'])

export const TrunkAnswer = closed(
  {
    id: uuid(),
    organization_id: uuid(),
    name: T.String(),
    is_default: T.Boolean({ description: 'The trunk of numbers that name none.' }),
    inbound_config: closed(
      {
        allowed_addresses: addresses(),
        auth_username: nullable(T.String()),
        has_auth_password: T.Boolean({ description: HAS_PASSWORD }),
        transports: transports(),
        forwarding: forwarding(),
        trust_asserted_identity: trustAssertedIdentity(),
      },
      { description: INBOUND },
    ),
    outbound_config: closed(
      {
        address: nullable(T.String()),
        auth_username: nullable(T.String()),
        has_auth_password: T.Boolean({ description: HAS_PASSWORD }),
        transport: outboundTransport,
        media_encryption: mediaEncryption,
      },
      { description: OUTBOUND },
    ),
    created_at: time(),
    updated_at: time(),
  },
  { title: 'Trunk', description: 'Where calls come from and go out.' },
)

export const toTrunkAnswer = ({ inbound_config, outbound_config, ...trunk }: Trunk): Static<typeof TrunkAnswer> => ({
  id: trunk.id,
  organization_id: trunk.organization_id,
  name: trunk.name,
  is_default: trunk.is_default,
  inbound_config: {
    allowed_addresses: [...inbound_config.allowed_addresses],
    auth_username: inbound_config.auth_username,
    has_auth_password: trunk.has_inbound_password,
    transports: [...inbound_config.transports],
    forwarding: inbound_config.forwarding ?? 'redirect',
    trust_asserted_identity: inbound_config.trust_asserted_identity ?? true,
  },
  outbound_config: {
    address: outbound_config.address,
    auth_username: outbound_config.auth_username,
    has_auth_password: trunk.has_outbound_password,
    transport: outbound_config.transport,
    media_encryption: outbound_config.media_encryption,
  },
  created_at: trunk.created_at,
  updated_at: trunk.updated_at,
})

/** A colon ends the name in what is hashed (RFC 7616 3.4.2); quotes and control characters do not survive every SIP stack. */
const username = () =>
  nullable(T.String({ minLength: 1, maxLength: 128, pattern: '^[^\\x00-\\x1f\\x7f:"\\\\]+$' }), {
    description: 'The name in digest authentication; null: none is asked for.',
    default: null,
    examples: ['carrier-1'],
  })
const password = (minLength: number) =>
  nullable(T.String({ minLength, maxLength: 256, pattern: '^[^\\x00-\\x1f\\x7f]+$', writeOnly: true }), {
    description: 'Kept sealed and never shown. Absent: the one that is there stays, while its name does.',
  })

const InboundInput = nullable(
  closed({
    allowed_addresses: T.Optional(nullable(addresses({ maxItems: 1000, uniqueItems: true }), { default: [] })),
    auth_username: T.Optional(username()),
    auth_password: T.Optional(password(8)),
    has_auth_password: ignored(),
    transports: T.Optional(
      nullable(transports({ minItems: 1, uniqueItems: true }), { default: [...TRUNK_TRANSPORTS] }),
    ),
    forwarding: T.Optional(nullable(forwarding(), { default: 'redirect' })),
    trust_asserted_identity: T.Optional(nullable(trustAssertedIdentity(), { default: true })),
  }),
  { description: INBOUND },
)

const OutboundInput = nullable(
  closed({
    address: T.Optional(
      nullable(T.String({ minLength: 1, maxLength: 255 }), {
        description: 'Where calls are sent: `host` or `host:port`.',
        default: null,
        examples: ['sip.carrier.example:5060'],
      }),
    ),
    auth_username: T.Optional(username()),
    auth_password: T.Optional(password(1)),
    has_auth_password: ignored(),
    transport: T.Optional(nullable(outboundTransport, { default: 'UDP' })),
    media_encryption: T.Optional(nullable(mediaEncryption, { default: 'NONE' })),
  }),
  { description: OUTBOUND },
)

const name = T.String({ description: 'What people call it.', minLength: 1, maxLength: 200, examples: ['Carrier'] })

export const NewTrunk = closed(
  { name, inbound_config: T.Optional(InboundInput), outbound_config: T.Optional(OutboundInput) },
  { title: 'NewTrunk' },
)

export const TrunkEdit = closed(
  {
    name: T.Optional(nullable(name)),
    inbound_config: T.Optional(InboundInput),
    outbound_config: T.Optional(OutboundInput),
    id: ignored(),
    organization_id: ignored(),
    is_default: ignored(),
    created_at: ignored(),
    updated_at: ignored(),
  },
  {
    title: 'TrunkEdit',
    description: 'What is given is changed, a config as a whole; a trunk’s other fields are ignored.',
  },
)
