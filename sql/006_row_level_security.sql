-- Tenants are kept apart here too, beside the predicate in every query. Requests run as patchcord_app (store/tenants.ts),
-- which owns nothing and sees the rows of one organization, the one that app.organization_id names; unset: no rows. What the
-- program does across organizations runs as the owner of the tables.

-- Every migration that adds a table with an organization_id calls this for it. Privileges that requests do not need are
-- revoked afterwards.
create function keep_organizations_apart(tenant_table regclass, organization_column text default 'organization_id')
returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', tenant_table);
  execute format('alter table %s force row level security', tenant_table);
  -- Written out: as a function, even an inlined one, it would be parsed anew with every query, which takes 10 µs.
  execute format($sql$create policy own_organization on %s to patchcord_app
    using (%I = nullif(current_setting('app.organization_id', true), '')::uuid)$sql$, tenant_table, organization_column);
  execute format('create policy whole_system on %s to current_user using (true)', tenant_table);
  execute format('grant select, insert, update, delete on %s to patchcord_app', tenant_table);
end $$;

select keep_organizations_apart(name) from unnest(array[
  'api_keys', 'audit_log', 'agents', 'agent_versions', 'sip_endpoints', 'trunks', 'assignments', 'phone_numbers',
  'conversations', 'memberships']::regclass[]) name;
revoke delete on api_keys, agents, agent_versions, assignments, conversations from patchcord_app;
revoke update, delete on audit_log from patchcord_app;
revoke update on assignments from patchcord_app;

-- Foreign keys are checked past row-level security: what hangs under an agent must hang under one's own.
create policy own_agent on agent_versions as restrictive to patchcord_app
  using (true) with check (exists (select from agents a where a.id = agent_id));
create policy own_agent on sip_endpoints as restrictive to patchcord_app
  using (true) with check (exists (select from agents a where a.id = agent_id));

-- The entries of a slot are read with every number, so they carry their organization themselves: asking their assignment
-- for it made reading a number take half as long again.
alter table slot_entries add column organization_id uuid references organizations;
alter table slot_entries disable trigger slot_entries_are_immutable;
update slot_entries e set organization_id = a.organization_id from assignments a where a.id = e.assignment_id;
alter table slot_entries enable trigger slot_entries_are_immutable;
alter table slot_entries alter column organization_id set not null,
  add foreign key (organization_id, assignment_id) references assignments (organization_id, id);
select keep_organizations_apart('slot_entries');
revoke update, delete on slot_entries from patchcord_app;
create policy own_agent on slot_entries as restrictive to patchcord_app
  using (true) with check (exists (select from agents a where a.id = agent_id));

-- These belong to an organization by what they hang under; the rows seen below are those of the policies above.
alter table conversation_items enable row level security, force row level security;
create policy own_organization on conversation_items to patchcord_app
  using (exists (select from conversations c where c.id = conversation_id));
create policy whole_system on conversation_items to current_user using (true);
grant select, insert on conversation_items to patchcord_app;

select keep_organizations_apart('organizations', 'id');
revoke insert, delete on organizations from patchcord_app;

alter table users enable row level security, force row level security;
create policy own_members on users to patchcord_app
  using (exists (select from memberships m where m.user_id = users.id));
create policy whole_system on users to current_user using (true);
grant select on users to patchcord_app;

-- A trail without names: requests add to it and cannot read it. Personal tokens, voice edges and the list of migrations
-- are no request's business at all.
grant insert on routing_changes to patchcord_app;
