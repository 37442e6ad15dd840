-- Writing safely: the answers of requests that may be repeated, where audited changes came from, an agent's conversations
-- counted as they are written, and the indexes of the lists' filters.

-- Null before there was a request to name: whatever the program did by itself.
alter table audit_log add column request_id uuid, add column address text;
create index audit_log_by_subject on audit_log (organization_id, subject, created_at desc, id desc);
create index audit_log_by_actor on audit_log (organization_id, actor, created_at desc, id desc);
create index audit_log_by_action on audit_log (organization_id, action, created_at desc, id desc);

-- The answer to a request with an Idempotency-Key, written in the transaction of its effect. While that runs there is no
-- row yet, only an advisory lock, which ends with the transaction however that ends.
create table idempotency_keys (
  organization_id uuid not null references organizations,
  -- The key or token that asked.
  credential_id text not null,
  key text not null check (length(key) between 1 and 255),
  -- HMAC-SHA-256 of method, path and body (store/secret-box.ts).
  request_sha256 bytea not null check (length(request_sha256) = 32),
  request_id uuid not null,
  status integer not null,
  headers jsonb not null,
  -- The body as it was sent; null when there was none, or when it showed a secret.
  body text,
  -- The credential whose secret the answer showed: it is not shown again.
  secret_of text,
  created_at timestamptz not null default now(),
  primary key (organization_id, credential_id, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

alter table sip_endpoints add column revision bigint not null default 1;

-- How many conversations an agent had, as sums of rows that are only ever added (store/conversation-counts.ts folds them):
-- two processes that write calls of one agent never wait for each other.
create table conversation_counts (
  organization_id uuid not null references organizations,
  agent_id uuid not null,
  total bigint not null,
  active bigint not null,
  inbound bigint not null,
  outbound bigint not null,
  completed bigint not null,
  failed bigint not null,
  transferred bigint not null,
  unanswered bigint not null,
  -- Answered and ended, and for how long together.
  talked bigint not null,
  talked_us bigint not null,
  last_conversation_at timestamptz
);
create index conversation_counts_by_agent on conversation_counts (agent_id);

create function count_conversations() returns trigger language plpgsql as $$
begin
  execute format($sql$
    insert into conversation_counts
    select * from (
      select organization_id, agent_id, sum(n) as total,
        coalesce(sum(n) filter (where ended_at is null), 0) as active,
        coalesce(sum(n) filter (where direction = 'inbound'), 0) as inbound,
        coalesce(sum(n) filter (where direction = 'outbound'), 0) as outbound,
        coalesce(sum(n) filter (where status = 'completed'), 0) as completed,
        coalesce(sum(n) filter (where status = 'failed'), 0) as failed,
        coalesce(sum(n) filter (where status = 'transferred'), 0) as transferred,
        coalesce(sum(n) filter (where status = 'unanswered'), 0) as unanswered,
        coalesce(sum(n) filter (where ended_at - answered_at is not null), 0) as talked,
        coalesce(sum(n * (extract(epoch from ended_at - answered_at) * 1000000)::bigint), 0) as talked_us,
        max(created_at) as last_conversation_at
      from (%s) changed where agent_id is not null group by organization_id, agent_id
    ) counts
    where (total, active, inbound, outbound, completed, failed, transferred, unanswered, talked, talked_us)
      <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0)$sql$,
    case tg_op
      when 'INSERT' then 'select 1 as n, * from came'
      when 'DELETE' then 'select -1 as n, * from went'
      else 'select 1 as n, * from came union all select -1 as n, * from went'
    end);
  return null;
end $$;

create trigger conversations_are_counted_in after insert on conversations
  referencing new table as came for each statement execute function count_conversations();
create trigger conversations_are_counted_over after update on conversations
  referencing old table as went new table as came for each statement execute function count_conversations();
create trigger conversations_are_counted_out after delete on conversations
  referencing old table as went for each statement execute function count_conversations();

insert into conversation_counts
select organization_id, agent_id, count(*), count(*) filter (where ended_at is null),
  count(*) filter (where direction = 'inbound'), count(*) filter (where direction = 'outbound'),
  count(*) filter (where status = 'completed'), count(*) filter (where status = 'failed'),
  count(*) filter (where status = 'transferred'), count(*) filter (where status = 'unanswered'),
  count(ended_at - answered_at), coalesce(sum((extract(epoch from ended_at - answered_at) * 1000000)::bigint), 0),
  max(created_at)
from conversations where agent_id is not null group by organization_id, agent_id;

create index agents_by_name on agents (organization_id, name, created_at desc, id desc) where deleted_at is null;
-- Without fastupdate: agents are read more often than they are written, and each search would read the pending list whole.
create index agents_by_metadata on agents using gin (metadata jsonb_path_ops) with (fastupdate = off) where deleted_at is null;
create index agents_by_change on agents (organization_id, updated_at) where deleted_at is null;
-- Most agents are active and are no demos: these two find the others.
create index agents_inactive on agents (organization_id, created_at desc, id desc) where deleted_at is null and not active;
create index agents_demo on agents (organization_id, created_at desc, id desc) where deleted_at is null and is_demo;
create index agent_versions_list on agent_versions (agent_id, created_at desc, id desc);

select keep_organizations_apart('idempotency_keys');
revoke delete on idempotency_keys from patchcord_app;
select keep_organizations_apart('conversation_counts');
revoke update, delete on conversation_counts from patchcord_app;
