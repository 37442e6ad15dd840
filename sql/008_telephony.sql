-- Extensions beside numbers, and trunks with credentials.

-- Sealed with SECRET_KEY (store/secret-box.ts): what callers must prove, and the password that carriers are called with.
-- Columns of their own, so that whoever reads or audits a config cannot show a secret by mistake.
alter table trunks add column inbound_secret text, add column outbound_secret text;

-- An extension is a row whose phone_number is 2 to 8 digits, unique in its organization, beneath a number of the same one.
alter table phone_numbers
  add column base_number text,
  drop constraint phone_numbers_phone_number_check,
  drop constraint phone_numbers_phone_number_key,
  add constraint phone_numbers_phone_number_check check (
    case when base_number is null then phone_number ~ '^\+[1-9]\d{6,14}$' else phone_number ~ '^\d{2,8}$' end),
  add constraint phone_numbers_phone_number_key unique (organization_id, phone_number),
  add constraint phone_numbers_base_number_fkey
    foreign key (organization_id, base_number) references phone_numbers (organization_id, phone_number);
-- A number belongs to one organization.
create unique index phone_numbers_one_owner on phone_numbers (phone_number) where base_number is null;
create index phone_numbers_by_base on phone_numbers (organization_id, base_number) where base_number is not null;
