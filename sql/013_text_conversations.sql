-- Written conversations: what is asked and answered over HTTP, one turn at a time, with what tools did in it.

alter table conversations
  -- With a draft, or with a config that is no version: not counted among an agent's conversations.
  add column is_test boolean not null default false,
  -- What it is led by where that is no published version, which never changes; null: the version's.
  add column config jsonb,
  add column summary text,
  -- [{name, met, why}], in the order of the version's success_criteria.
  add column criteria jsonb,
  add column summarized_by text check (summarized_by in ('model', 'offline')),
  add column erased_at timestamptz;
create index conversations_open_texts on conversations (updated_at) where channel = 'text' and ended_at is null;
create index conversations_not_summarized on conversations (ended_at)
  where channel = 'text' and ended_at is not null and summarized_by is null and erased_at is null;
create index conversations_by_user on conversations (organization_id, user_id);

-- Foreign keys are checked past row-level security (sql/006): requests make conversations now.
create policy own_agent on conversations as restrictive to patchcord_app
  using (true) with check (agent_id is null or exists (select from agents a where a.id = agent_id));

alter table conversation_items drop constraint conversation_items_kind_check;
alter table conversation_items
  add constraint conversation_items_kind_check check (kind in ('speech', 'dtmf', 'text', 'tool_call')),
  -- The client's name for what the user wrote: the same again is the same message.
  add column message_id text check (length(message_id) between 1 and 600),
  -- Of the user's words: when the agent's reply was complete.
  add column replied_at timestamptz,
  -- Of a tool call: {id, name, arguments, result, error}.
  add column tool jsonb check ((tool is not null) = (kind = 'tool_call')),
  add column written_by text check (written_by in ('model', 'offline')),
  -- From the user's words to the first word of the reply, and to its last; of a tool call: how long it took.
  add column first_word_ms integer,
  add column took_ms integer,
  -- {model, input_tokens, output_tokens, cost_usd}
  add column usage jsonb;
create unique index conversation_items_once on conversation_items (conversation_id, message_id) where message_id is not null;
grant update (replied_at), delete on conversation_items to patchcord_app;

-- The turn that a conversation is in: whoever holds it may write its reply. A holder that died is overrun when its time is up.
create table conversation_turns (
  conversation_id uuid primary key references conversations on delete cascade,
  organization_id uuid not null references organizations,
  turn_id uuid not null,
  held_until timestamptz not null
);
select keep_organizations_apart('conversation_turns');
create policy own_conversation on conversation_turns as restrictive to patchcord_app
  using (true) with check (exists (select from conversations c where c.id = conversation_id));

create or replace function count_conversations() returns trigger language plpgsql as $$
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
      from (%s) changed where agent_id is not null and not is_test group by organization_id, agent_id
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
