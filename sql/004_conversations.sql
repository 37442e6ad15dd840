-- Calls and what happened in them.

-- A process that answers calls, while it lives. Its unfinished calls are closed by another when it falls silent.
create table voice_edges (
  id uuid primary key,
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now()
);

create table conversations (
  id uuid primary key,
  organization_id uuid not null references organizations,
  edge_id uuid,
  direction text not null check (direction in ('inbound', 'outbound')),
  channel text not null check (channel in ('telephone', 'webrtc', 'text')),
  status text not null check (status in ('token_created', 'triggered', 'ringing', 'in_progress', 'completed', 'failed',
    'cancelled', 'transferred', 'unanswered')),
  end_reason text,
  user_id text,
  agent_id uuid references agents,
  agent_version_id uuid references agent_versions,
  agent_number text,
  routing jsonb not null,
  media jsonb,
  user_turn_count integer not null default 0,
  answered_at timestamptz,
  ended_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index conversations_list on conversations (organization_id, created_at desc, id desc);
create index conversations_by_agent on conversations (agent_id, created_at desc, id desc);
create index conversations_open on conversations (edge_id) where ended_at is null;

create table conversation_items (
  conversation_id uuid not null references conversations on delete cascade,
  position integer not null,
  who text not null check (who in ('agent', 'user')),
  kind text not null check (kind in ('speech', 'dtmf')),
  text text not null,
  interrupted boolean not null default false,
  created_at timestamptz not null,
  primary key (conversation_id, position)
);
