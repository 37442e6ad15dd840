-- The indexes that the lists' filters need at a million rows, measured by `npm run bench -- scale`.

-- With the trunk alone, its numbers were sorted for each page.
drop index phone_numbers_by_trunk;
create index phone_numbers_by_trunk on phone_numbers (trunk_id, created_at desc, id desc);
create index phone_numbers_by_change on phone_numbers (organization_id, updated_at);

-- Parts of numbers. As for agents' names (sql/007), only speed hangs on it.
do $$
begin
  create extension if not exists pg_trgm;
  create index phone_numbers_by_part on phone_numbers using gin (phone_number gin_trgm_ops);
exception when insufficient_privilege or undefined_file or feature_not_supported then
  raise notice 'parts of phone numbers are found without an index: %', sqlerrm;
end $$;
