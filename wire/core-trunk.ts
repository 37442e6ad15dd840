/** Trunks in the `/core` dialect. Passwords never leave. */

import { type Static, Type as T } from 'typebox'
import type { Trunk } from '#core/trunk.ts'
import { closed, nullable, time, uuid, word } from '#wire/schema.ts'

export const TrunkAnswer = closed(
  {
    id: uuid(),
    organization_id: uuid(),
    name: T.String(),
    is_default: T.Boolean({ description: 'The trunk of numbers that name none.' }),
    inbound_config: closed(
      {
        allowed_addresses: T.Array(T.String(), {
          description: 'Addresses or CIDR ranges that calls may come from.',
          examples: [['127.0.0.0/8']],
        }),
        auth_username: nullable(T.String()),
        transports: T.Array(word(['udp', 'tcp', 'tls'])),
      },
      { description: 'Whose calls are taken; what is set must all match, and with nothing set nobody’s are.' },
    ),
    outbound_config: closed(
      {
        address: nullable(T.String()),
        auth_username: nullable(T.String()),
        transport: word(['UDP', 'TCP', 'TLS']),
        media_encryption: word(['NONE', 'SDES']),
      },
      { description: 'Where calls go out.' },
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
    transports: [...inbound_config.transports],
  },
  outbound_config: {
    address: outbound_config.address,
    auth_username: outbound_config.auth_username,
    transport: outbound_config.transport,
    media_encryption: outbound_config.media_encryption,
  },
  created_at: trunk.created_at,
  updated_at: trunk.updated_at,
})
