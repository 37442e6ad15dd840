-- The indexes that the lists' filters need at a million rows, measured by `npm run bench -- scale`.

-- With the trunk alone, its numbers were sorted for each page.
drop index phone_numbers_by_trunk;
create index phone_numbers_by_trunk on phone_numbers (trunk_id, created_at desc, id desc);
create index phone_numbers_by_change on phone_numbers (organization_id, updated_at);

-- Every four characters in a row. Of three, as pg_trgm takes them, there are too few in digits: a look-up took 20 ms.
create function number_parts(number text) returns text[] language sql immutable strict parallel safe as $$
  select array(select substr(number, i, 4) from generate_series(1, length(number) - 3) i)
$$;
create index phone_numbers_by_part on phone_numbers using gin (number_parts(phone_number));
