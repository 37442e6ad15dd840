-- People: who they are, where they belong, and the tokens that speak for them.

create table users (
  id uuid primary key,
  -- How to reach the person. It proves nothing and finds nobody: people are known by their id.
  email text not null,
  name text not null,
  created_at timestamptz not null default now()
);

create table memberships (
  organization_id uuid not null references organizations,
  user_id uuid not null references users,
  role text not null check (role in ('admin', 'viewer')),
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organization_id, user_id)
);
create index memberships_list on memberships (organization_id, created_at desc, user_id desc);
create index memberships_of_user on memberships (user_id);

-- A person's token is valid wherever that person is a member, with what the role there and the token both allow.
create table personal_tokens (
  -- The public part: pat_<id>.<secret>.
  id text primary key,
  user_id uuid not null references users,
  name text not null,
  -- SHA-256 of the whole credential; the credential itself is shown once and not kept.
  secret_sha256 bytea not null check (length(secret_sha256) = 32),
  scopes text[] not null,
  expires_at timestamptz,
  deleted_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz not null default now()
);
create index personal_tokens_list on personal_tokens (user_id, created_at desc, id desc) where deleted_at is null;
