-- Who owns everything else, and the keys that act for them.

create table organizations (
  id uuid primary key,
  -- The integer that UponAI's dialect calls workspaceId.
  workspace_id integer generated always as identity unique,
  name text not null,
  slug text not null unique,
  created_at timestamptz not null default now()
);

create table api_keys (
  -- The public part: ak_<id>.<secret>.
  id text primary key,
  organization_id uuid not null references organizations,
  name text not null,
  -- SHA-256 of the whole credential; the credential itself is shown once and not kept.
  secret_sha256 bytea not null check (length(secret_sha256) = 32),
  scopes text[] not null,
  created_by text,
  expires_at timestamptz,
  deleted_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz not null default now()
);
create index api_keys_list on api_keys (organization_id, created_at desc, id desc) where deleted_at is null;

-- Who did what, before and after. Only ever added to.
create table audit_log (
  id uuid primary key,
  organization_id uuid not null references organizations,
  actor text not null,
  action text not null,
  subject text not null,
  before jsonb,
  after jsonb,
  created_at timestamptz not null default now()
);
create index audit_log_list on audit_log (organization_id, created_at desc, id desc);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is only ever added to', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger audit_log_is_append_only before update or delete on audit_log
  for each row execute function refuse_change();
