-- The indexes that the lists' filters need at a million rows, measured by `npm run bench -- scale`.

-- With the trunk alone, its numbers were sorted for each page.
drop index phone_numbers_by_trunk;
create index phone_numbers_by_trunk on phone_numbers (trunk_id, created_at desc, id desc);
create index phone_numbers_by_change on phone_numbers (organization_id, updated_at);

-- Parts of texts: four characters in a row, and from `shortest` on, so that shorter ones are found too. Of three, as pg_trgm
-- takes them, there are too few in digits: a look-up took 11 to 20 ms.
create function parts_of(whole text, shortest integer) returns text[] language sql immutable strict parallel safe as $$
  select array(select substr(whole, i, n)
    from generate_series(shortest, 4) n, generate_series(1, length(whole) - n + 1) i)
$$;
-- As few as cover it: the index is asked about each.
create function parts_to_find(part text) returns text[] language sql immutable strict parallel safe as $$
  select array(select substr(part, greatest(least(i, length(part) - 3), 1), 4) from generate_series(1, length(part), 4) i)
$$;

-- Deleted agents too: PostgreSQL takes no statistics from a partial index. Without fastupdate as agents_by_metadata.
create index agents_by_part_of_name on agents using gin (parts_of(lower(name), 1)) with (fastupdate = off);

-- Beside the numbers, whose every change of slot would write this index anew: onto 10,000 of them in 465 ms instead of 229.
create table number_search (
  organization_id uuid not null references organizations,
  phone_number text not null,
  primary key (organization_id, phone_number),
  foreign key (organization_id, phone_number) references phone_numbers (organization_id, phone_number)
    on update cascade on delete cascade
);
select keep_organizations_apart('number_search');
revoke update, delete on number_search from patchcord_app;
insert into number_search select organization_id, phone_number from phone_numbers;
create index number_search_by_part on number_search using gin (parts_of(phone_number, 4)) with (fastupdate = off);

create function make_number_searchable() returns trigger language plpgsql as $$
begin
  insert into number_search select organization_id, phone_number from came;
  return null;
end $$;
create trigger phone_numbers_are_searchable after insert on phone_numbers
  referencing new table as came for each statement execute function make_number_searchable();
