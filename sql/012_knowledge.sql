-- Knowledge: collections of sources, cut into passages, and how these are found.

create table knowledge_bases (
  id uuid primary key,
  organization_id uuid not null references organizations,
  name text not null,
  description text,
  -- BCP 47, as it was given.
  language text not null,
  -- How its words are reduced to stems (core/text-language.ts); `knowledge_vector` knows which there are.
  search_configuration text not null,
  -- Counted as chunks come and go: how rare a word is hangs on it.
  chunk_count integer not null default 0 check (chunk_count >= 0),
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id)
);
create index knowledge_bases_list on knowledge_bases (organization_id, created_at desc, id desc);
create index knowledge_bases_by_name on knowledge_bases (organization_id, name);

create table knowledge_sources (
  id uuid primary key,
  organization_id uuid not null,
  knowledge_base_id uuid not null,
  kind text not null check (kind in ('url', 'text', 'file')),
  title text not null,
  -- Where a source of kind url is read; of others null.
  url text,
  file_name text,
  media_type text,
  -- What was uploaded, for as long as the source is there: it may be read again by a later program.
  content bytea,
  state text not null check (state in ('queued', 'reading', 'ready', 'failed')),
  -- Set while state is failed: code and sentence.
  failure jsonb check ((failure is not null) = (state = 'failed')),
  -- SHA-256 of the text that the chunks were cut from; null: none were.
  digest text,
  chunk_count integer not null default 0,
  workflow_id uuid,
  read_at timestamptz,
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, knowledge_base_id, id),
  foreign key (organization_id, knowledge_base_id) references knowledge_bases (organization_id, id) on delete cascade
);
create index knowledge_sources_list on knowledge_sources (knowledge_base_id, created_at desc, id desc);
-- A page is in a collection once, however often it is added. By its digest: URLs may be longer than an index takes.
create unique index knowledge_sources_one_page on knowledge_sources (knowledge_base_id, md5(url)) where kind = 'url';

-- A function of its own, because PostgreSQL generates columns by immutable expressions only, and naming a configuration by
-- a text is none. East Asian scripts put no spaces between words: there each character is a word.
create function knowledge_vector(configuration text, body text) returns tsvector
language sql immutable strict parallel safe as $$
  select case configuration
    when 'arabic' then to_tsvector('pg_catalog.arabic', spaced)
    when 'armenian' then to_tsvector('pg_catalog.armenian', spaced)
    when 'basque' then to_tsvector('pg_catalog.basque', spaced)
    when 'catalan' then to_tsvector('pg_catalog.catalan', spaced)
    when 'danish' then to_tsvector('pg_catalog.danish', spaced)
    when 'dutch' then to_tsvector('pg_catalog.dutch', spaced)
    when 'english' then to_tsvector('pg_catalog.english', spaced)
    when 'finnish' then to_tsvector('pg_catalog.finnish', spaced)
    when 'french' then to_tsvector('pg_catalog.french', spaced)
    when 'german' then to_tsvector('pg_catalog.german', spaced)
    when 'greek' then to_tsvector('pg_catalog.greek', spaced)
    when 'hindi' then to_tsvector('pg_catalog.hindi', spaced)
    when 'hungarian' then to_tsvector('pg_catalog.hungarian', spaced)
    when 'indonesian' then to_tsvector('pg_catalog.indonesian', spaced)
    when 'irish' then to_tsvector('pg_catalog.irish', spaced)
    when 'italian' then to_tsvector('pg_catalog.italian', spaced)
    when 'lithuanian' then to_tsvector('pg_catalog.lithuanian', spaced)
    when 'nepali' then to_tsvector('pg_catalog.nepali', spaced)
    when 'norwegian' then to_tsvector('pg_catalog.norwegian', spaced)
    when 'portuguese' then to_tsvector('pg_catalog.portuguese', spaced)
    when 'romanian' then to_tsvector('pg_catalog.romanian', spaced)
    when 'russian' then to_tsvector('pg_catalog.russian', spaced)
    when 'serbian' then to_tsvector('pg_catalog.serbian', spaced)
    when 'spanish' then to_tsvector('pg_catalog.spanish', spaced)
    when 'swedish' then to_tsvector('pg_catalog.swedish', spaced)
    when 'tamil' then to_tsvector('pg_catalog.tamil', spaced)
    when 'turkish' then to_tsvector('pg_catalog.turkish', spaced)
    when 'yiddish' then to_tsvector('pg_catalog.yiddish', spaced)
    else to_tsvector('pg_catalog.simple', spaced)
  end
  from (select case when octet_length(body) = length(body) then body
    else regexp_replace(body, '([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af])', ' \1 ', 'g') end) s(spaced)
$$;

-- What stands above a passage counts for more than what it says itself. The collection's id is one of the lexemes, so that a
-- look-up in one collection is one look-up in the index, and never reads what another has.
create function knowledge_search_vector(knowledge_base_id uuid, configuration text, heading text, body text) returns tsvector
language sql immutable strict parallel safe as $$
  select setweight(knowledge_vector(configuration, heading), 'A')
    || setweight(knowledge_vector(configuration, body), 'B')
    || array_to_tsvector(array[knowledge_base_id::text])
$$;

create table knowledge_chunks (
  id uuid primary key,
  organization_id uuid not null,
  knowledge_base_id uuid not null,
  source_id uuid not null,
  -- From 0, in the order of the source.
  position integer not null,
  body text not null,
  -- The source's title and the headings that it stands under, a line each.
  heading text not null,
  -- From 1, where the source has pages.
  page integer,
  -- In characters from the beginning of the source's text, or of its page.
  start_offset integer not null,
  search_configuration text not null,
  search tsvector not null generated always as
    (knowledge_search_vector(knowledge_base_id, search_configuration, heading, body)) stored,
  unique (source_id, position),
  foreign key (organization_id, knowledge_base_id, source_id)
    references knowledge_sources (organization_id, knowledge_base_id, id) on delete cascade
);
create index knowledge_chunks_search on knowledge_chunks using gin (search) with (fastupdate = off);

-- Some passages that a query finds, in no order. The index is always the way: left to guess, PostgreSQL may walk through all
-- collections for one whose passages lie at the table's end.
create function knowledge_candidates(query text, most integer) returns setof uuid
language sql stable parallel safe set enable_seqscan = off as $$
  select id from knowledge_chunks where search @@ query::tsquery limit most
$$;

-- In how many chunks of a collection a word stands, and what it is reduced to: tells rare words from common ones, and finds
-- the word that a misspelt one was meant to be.
create table knowledge_words (
  organization_id uuid not null,
  knowledge_base_id uuid not null,
  word text not null,
  lexeme text not null,
  chunk_count integer not null,
  primary key (knowledge_base_id, word),
  foreign key (organization_id, knowledge_base_id) references knowledge_bases (organization_id, id) on delete cascade
);
create index knowledge_words_by_lexeme on knowledge_words (knowledge_base_id, lexeme);

-- Three characters in a row, the word's ends marked, and the collection. Not pg_trgm: its extension is not there, or may
-- not be made, on every server that a DATABASE_URL leads to.
create function trigrams_of(word text) returns text[] language sql immutable strict parallel safe as $$
  select array(select distinct substr('  ' || word || ' ', i, 3) from generate_series(1, length(word) + 1) i)
$$;
-- Spelt out once more: since PostgreSQL 17 an index is built without our schema in the path.
create function word_parts(knowledge_base_id uuid, word text) returns text[] language sql immutable strict parallel safe as $$
  select array(select distinct substr('  ' || word || ' ', i, 3) from generate_series(1, length(word) + 1) i)
    || knowledge_base_id::text
$$;
create index knowledge_words_by_parts on knowledge_words using gin (word_parts(knowledge_base_id, word));

-- The words of a text and what they are reduced to; those that say nothing (`the`, `und`) are reduced to nothing and left out.
create function words_of(configuration text, body text) returns table (word text, lexeme text)
language sql immutable strict parallel safe as $$
  select w.word, (tsvector_to_array(knowledge_vector(configuration, w.word)))[1]
  from unnest(tsvector_to_array(knowledge_vector('simple', body))) w(word)
  where length(w.word) <= 64 and knowledge_vector(configuration, w.word) <> ''
$$;

select keep_organizations_apart(name) from unnest(array[
  'knowledge_bases', 'knowledge_sources', 'knowledge_chunks', 'knowledge_words']::regclass[]) name;

-- Who might do everything so far may do this too.
update api_keys set scopes = scopes || '{knowledge_bases:read,knowledge_bases:manage}'
  where scopes @> '{agents:manage,phone_numbers:manage,trunks:manage,conversations:manage,members:manage,organizations:manage}';
update personal_tokens set scopes = scopes || '{knowledge_bases:read,knowledge_bases:manage}'
  where scopes @> '{agents:manage,phone_numbers:manage,trunks:manage,conversations:manage,members:manage,organizations:manage}';
