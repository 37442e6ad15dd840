-- Trunks, phone numbers and what their slots hold.

create table trunks (
  id uuid primary key,
  organization_id uuid not null references organizations,
  name text not null,
  is_default boolean not null default false,
  inbound_config jsonb not null,
  outbound_config jsonb not null,
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id)
);
create unique index trunks_one_default on trunks (organization_id) where is_default;
create index trunks_list on trunks (organization_id, created_at desc, id desc);

-- An assignment is an immutable weighted list of versions. Numbers point at one, and many numbers share it, so that a
-- publish onto any count of numbers is one row here and one update there (docs/adr/0001). `key` is its content.
create table assignments (
  id uuid primary key,
  organization_id uuid not null references organizations,
  key text not null,
  created_at timestamptz not null default now(),
  unique (organization_id, key),
  unique (organization_id, id)
);

create table slot_entries (
  assignment_id uuid not null references assignments,
  position integer not null check (position between 0 and 19),
  agent_id uuid not null references agents,
  -- null: the agent's latest published version.
  version integer,
  weight_bp integer not null check (weight_bp between 1 and 10000),
  arm text not null,
  primary key (assignment_id, position),
  unique (assignment_id, arm),
  foreign key (agent_id, version) references agent_versions (agent_id, version)
);
create index slot_entries_by_agent on slot_entries (agent_id, assignment_id);

create function keep_weights_whole() returns trigger language plpgsql as $$
begin
  if (select sum(weight_bp) from slot_entries where assignment_id = new.assignment_id) <> 10000 then
    raise exception 'the weights of an assignment sum to 10000 basis points' using errcode = 'check_violation';
  end if;
  return null;
end $$;

create constraint trigger slot_entries_sum after insert on slot_entries
  deferrable initially deferred for each row execute function keep_weights_whole();
create trigger slot_entries_are_immutable before update or delete on slot_entries
  for each row execute function refuse_change();

create table phone_numbers (
  id uuid primary key,
  -- The integer that UponAI's dialect calls id.
  number_id integer generated always as identity unique,
  organization_id uuid not null references organizations,
  -- A number belongs to one organization.
  phone_number text not null unique check (phone_number ~ '^\+[1-9]\d{6,14}$'),
  trunk_id uuid not null,
  inbound_assignment_id uuid,
  outbound_assignment_id uuid,
  outbound_shareable boolean not null default false,
  label text,
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (organization_id, trunk_id) references trunks (organization_id, id),
  foreign key (organization_id, inbound_assignment_id) references assignments (organization_id, id),
  foreign key (organization_id, outbound_assignment_id) references assignments (organization_id, id)
);
create index phone_numbers_list on phone_numbers (organization_id, created_at desc, id desc);
create index phone_numbers_by_trunk on phone_numbers (trunk_id);
create index phone_numbers_by_inbound on phone_numbers (inbound_assignment_id) where inbound_assignment_id is not null;
create index phone_numbers_by_outbound on phone_numbers (outbound_assignment_id) where outbound_assignment_id is not null;

-- What changed who answers: a process that holds the routing table reloads the rows named here. Read by transaction id,
-- not by id: ids are drawn before their transactions commit.
create table routing_changes (
  id bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  number_ids uuid[] not null,
  agent_ids uuid[] not null,
  trunk_ids uuid[] not null,
  created_at timestamptz not null default now()
);
create index routing_changes_by_xid on routing_changes (xid);
