-- Background work. pg-boss, in a schema of its own, says when and to whom work is given; what was done is recorded here.

create table workflows (
  id uuid primary key,
  organization_id uuid not null references organizations,
  type text not null,
  status text not null default 'queued' check (status in ('queued', 'running', 'completed', 'failed', 'cancelled')),
  input jsonb not null,
  result jsonb,
  -- {code, detail, step}
  error jsonb,
  created_by text,
  -- Rises whenever a worker takes the work, and when it is taken from all of them: whoever holds an older number writes nothing.
  claim integer not null default 0,
  -- The only job of pg-boss that may take it; any other is left over from before.
  job_id uuid not null,
  revision bigint not null default 1,
  started_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id),
  check ((status in ('completed', 'failed', 'cancelled')) = (finished_at is not null)),
  check ((status = 'completed') = (result is not null)),
  check ((status = 'failed') = (error is not null))
);
create index workflows_list on workflows (organization_id, created_at desc, id desc);
create index workflows_by_type on workflows (organization_id, type, created_at desc, id desc);
create index workflows_by_status on workflows (organization_id, status, created_at desc, id desc);
create index workflows_unfinished on workflows (id) where finished_at is null;
create index workflows_by_end on workflows (finished_at) where finished_at is not null;

-- All of a workflow's steps, from the beginning: people see what lies ahead.
create table workflow_steps (
  organization_id uuid not null,
  workflow_id uuid not null,
  position integer not null check (position >= 0),
  name text not null,
  status text not null default 'queued' check (status in ('queued', 'running', 'completed', 'failed', 'cancelled')),
  -- How often it was begun.
  attempts integer not null default 0,
  progress real not null default 0 check (progress between 0 and 1),
  detail text,
  -- What it returned, for the steps behind it.
  output jsonb,
  started_at timestamptz,
  finished_at timestamptz,
  primary key (workflow_id, position),
  foreign key (organization_id, workflow_id) references workflows (organization_id, id) on delete cascade,
  check ((status = 'completed') = (output is not null))
);

select keep_organizations_apart('workflows');
revoke delete on workflows from patchcord_app;
select keep_organizations_apart('workflow_steps');
revoke delete on workflow_steps from patchcord_app;

-- Who might do everything so far may do this too.
update api_keys set scopes = scopes || '{workflows:read,workflows:manage}'
  where scopes @> '{agents:manage,phone_numbers:manage,trunks:manage,conversations:manage,members:manage,organizations:manage}';
update personal_tokens set scopes = scopes || '{workflows:read,workflows:manage}'
  where scopes @> '{agents:manage,phone_numbers:manage,trunks:manage,conversations:manage,members:manage,organizations:manage}';
