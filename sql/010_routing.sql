-- Which version answers: calendars, webhooks, fallbacks, and what an organization does with calls that nobody claims.

create table schedules (
  id uuid primary key,
  organization_id uuid not null references organizations,
  name text not null,
  -- An IANA zone; the rules are wall-clock times in it (core/schedule.ts).
  timezone text not null,
  weekly jsonb not null,
  dates jsonb not null,
  -- null: after hours the fallback ladder answers.
  after_hours jsonb,
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id)
);
create index schedules_list on schedules (organization_id, created_at desc, id desc);
select keep_organizations_apart('schedules');

alter table agents add unique (organization_id, id);

alter table phone_numbers
  add column stickiness text not null default 'caller' check (stickiness in ('caller', 'call')),
  add column time_routing_enabled boolean not null default false,
  add column schedule_id uuid,
  add column webhook_url text,
  add column webhook_timeout_ms integer check (webhook_timeout_ms between 250 and 10000),
  -- Sealed with SECRET_KEY.
  add column webhook_secret text,
  add column default_agent_id uuid,
  -- A SIP URI, or a number in E.164.
  add column forward text,
  add column message text,
  add constraint phone_numbers_schedule_fkey
    foreign key (organization_id, schedule_id) references schedules (organization_id, id),
  add constraint phone_numbers_default_agent_fkey
    foreign key (organization_id, default_agent_id) references agents (organization_id, id),
  add constraint phone_numbers_time_routing_check check (not time_routing_enabled or schedule_id is not null);
create index phone_numbers_by_schedule on phone_numbers (schedule_id) where schedule_id is not null;
-- Asked at every start whether they can be opened (store/sealed-secrets.ts).
create index phone_numbers_with_webhook_secret on phone_numbers (id) where webhook_secret is not null;
create index phone_numbers_by_default_agent on phone_numbers (default_agent_id) where default_agent_id is not null;

-- One an organization: what answers a number whose slot is empty.
create table inbound_routing (
  organization_id uuid primary key references organizations,
  enabled boolean not null,
  webhook_url text,
  -- Sealed with SECRET_KEY.
  webhook_secret text,
  fallback_agent_id uuid,
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (organization_id, fallback_agent_id) references agents (organization_id, id)
);
select keep_organizations_apart('inbound_routing');
revoke delete on inbound_routing from patchcord_app;

alter table routing_changes
  add column schedule_ids uuid[] not null default '{}',
  -- Whose inbound_routing changed.
  add column organization_ids uuid[] not null default '{}';

-- What a webhook told about a call: variables that fill templates, and data that is only kept.
alter table conversations add column initial_context jsonb, add column custom_metadata jsonb;
