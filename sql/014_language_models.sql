-- Who writes for an organization, and what that used.

-- One an organization, once it was set; without base_url: none of its own.
create table language_models (
  organization_id uuid primary key references organizations,
  base_url text,
  model text,
  -- Sealed with SECRET_KEY.
  api_key text,
  input_usd_per_mtok double precision check (input_usd_per_mtok >= 0),
  output_usd_per_mtok double precision check (output_usd_per_mtok >= 0),
  revision bigint not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((base_url is null) = (model is null)),
  check (base_url is not null or api_key is null),
  check ((input_usd_per_mtok is null) = (output_usd_per_mtok is null))
);
select keep_organizations_apart('language_models');
revoke delete on language_models from patchcord_app;

create table language_model_usage (
  organization_id uuid not null references organizations,
  -- UTC.
  day date not null,
  model text not null,
  requests bigint not null,
  input_tokens bigint not null,
  output_tokens bigint not null,
  -- Of the requests that prices were known for.
  cost_usd double precision not null,
  unpriced_requests bigint not null,
  primary key (organization_id, day, model)
);
select keep_organizations_apart('language_model_usage');
revoke delete on language_model_usage from patchcord_app;

-- Who wrote the instructions last generated; null: nobody generated any.
alter table agent_versions add column generated_by text check (generated_by in ('model', 'offline'));
