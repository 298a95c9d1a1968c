-- What screening reads, what became of calls, and blocks that agents ask for. Code that does not
-- know of them goes on.
alter table account add column activity_days integer not null default 90;
-- Whether the other party's number is stored as a keyed hash, and the key, once there is one.
alter table account add column activity_hashed integer not null default 0;
alter table account add column activity_key {text};
-- The group that agents' blocks go into; without one, they block nobody.
alter table account add column agent_group_id integer;
alter table account add column agent_hours integer not null default 24;
alter table account add column last_agent_block_id integer not null default 0;

-- Which lengths prefixes have, so that a call is looked up by those alone.
create index blocked_number_prefix on blocked_number (account_id, length(pattern))
  where replace(pattern, '*', '') <> pattern;
create index allowed_number_prefix on allowed_number (account_id, length(pattern))
  where replace(pattern, '*', '') <> pattern;

-- One row a call. `screening_id` has the moment in its upper bits: milliseconds since 1970, times
-- 2^20. `calling` and `called` are in E.164, or `withheld`, or as sent; of a hashed one, `#` and the
-- hash. `block_group_id` and `pattern` are those that block it, or would if their group enforced.
-- No foreign key: it would be looked up once a call.
create table screening (
  account_id integer not null,
  screening_id bigint not null,
  calling {text} not null,
  called {text} not null,
  direction {text} not null,
  skill {text},
  disposition {text} not null,
  reason {text} not null,
  block_group_id integer,
  pattern {text},
  key_id integer,
  latency_us integer not null,
  primary key (account_id, screening_id)
) {clustered};
create index screening_by_calling on screening (account_id, calling, screening_id);
create index screening_by_called on screening (account_id, called, screening_id);

-- Calls a minute, by group (0 is none) and by what became of them: pass, block, would_block.
create table screening_count (
  account_id integer not null,
  minute bigint not null,
  block_group_id integer not null,
  disposition {text} not null,
  calls integer not null,
  primary key (account_id, minute, block_group_id, disposition)
) {clustered};

-- How many calls each entry blocked.
create table entry_hit (
  account_id integer not null,
  pattern {text} not null,
  block_group_id integer not null,
  hits bigint not null,
  last_hit_at bigint not null,
  primary key (account_id, pattern, block_group_id)
) {clustered};

-- What agents blocked from a call, and what the entry held before: `had_entry` says whether there
-- was one. `batch_id` is of this block alone; the entry has it where nothing lasts longer.
-- `expires_at` is what was asked for, null for good; `outcome` what was told.
create table agent_block (
  account_id integer not null references account,
  agent_block_id integer not null,
  block_group_id integer not null,
  pattern {text} not null,
  screening_id bigint,
  reason {text} not null,
  key_id integer,
  created_at bigint not null,
  expires_at bigint,
  batch_id integer not null,
  outcome {text} not null,
  had_entry integer not null,
  former_expires_at bigint,
  former_batch_id integer,
  undone_at bigint,
  undone_by integer,
  primary key (account_id, agent_block_id)
) {clustered};
create index agent_block_by_pattern on agent_block (account_id, pattern, agent_block_id);
