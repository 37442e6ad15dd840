-- Agents and their versions.

create table agents (
  id uuid primary key,
  organization_id uuid not null references organizations,
  name text not null,
  description text,
  active boolean not null,
  is_demo boolean not null,
  metadata jsonb not null,
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz
);
create index agents_list on agents (organization_id, created_at desc, id desc) where deleted_at is null;

create table agent_versions (
  id uuid primary key,
  organization_id uuid not null references organizations,
  agent_id uuid not null references agents,
  version integer not null check (version > 0),
  published boolean not null default false,
  published_at timestamptz,
  config jsonb not null,
  digest text not null,
  base_version integer,
  instruction_builder_inputs jsonb,
  -- The inputs that the instructions were last generated from.
  generated_from jsonb,
  generating boolean not null default false,
  dirty boolean not null default false,
  manually_edited boolean not null default false,
  generation_error text,
  workflow_id uuid,
  created_by text,
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (agent_id, version),
  check (published = (published_at is not null))
);
-- "The latest published version": one step into this index.
create index agent_versions_published on agent_versions (agent_id, version desc) where published;

create function keep_versions_dense() returns trigger language plpgsql as $$
begin
  if new.version <> coalesce((select max(version) from agent_versions where agent_id = new.agent_id), 0) + 1 then
    raise exception 'versions of an agent are numbered 1, 2, 3, …' using errcode = 'check_violation';
  end if;
  return new;
end $$;

create trigger agent_versions_are_dense before insert on agent_versions
  for each row execute function keep_versions_dense();

create function keep_published_versions() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or (new.published, new.published_at, new.config, new.digest, new.version, new.agent_id, new.organization_id)
       is distinct from (old.published, old.published_at, old.config, old.digest, old.version, old.agent_id, old.organization_id) then
    raise exception 'a published version never changes' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

create trigger agent_versions_published_are_immutable before update or delete on agent_versions
  for each row when (old.published) execute function keep_published_versions();

-- sip:<agent-id>@… answers while there is a row here. version null follows the latest published one.
create table sip_endpoints (
  agent_id uuid primary key references agents,
  organization_id uuid not null references organizations,
  version integer,
  created_at timestamptz not null default now(),
  foreign key (agent_id, version) references agent_versions (agent_id, version)
);
