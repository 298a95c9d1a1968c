-- What /v1 offers beyond the compatibility wire. Code that does not know of it goes on.
alter table account add column answer_code integer not null default 603;
alter table account add column answer_phrase {text};
alter table account add column last_allowed_number_id integer not null default 0;
alter table account add column last_change_id bigint not null default 0;

-- A key made before there were roles could do everything.
alter table api_key add column role {text} not null default 'admin';
alter table api_key add column label {text} not null default '';

-- Counted as skills are given and taken, for counting a million takes long.
alter table skill add column phone_numbers integer not null default 0;

alter table phone_number add column state {text} not null default 'active';
-- The digits backwards, so that a search by the last ones is a range.
alter table phone_number add column number_reversed {text} not null default '';
-- Priority and name in the order of a hunt; null while the number is off.
alter table phone_number_skill add column hunt_key {text};

alter table block_group add column mode {text} not null default 'enforce';
alter table block_group add column direction {text} not null default 'both';
-- JSON lists of skill ids and of numbers in E.164: whom a call must be for; empty is everyone.
alter table block_group add column scope_skills {text} not null default '[]';
alter table block_group add column scope_called {text} not null default '[]';
alter table block_group add column answer_code integer;
alter table block_group add column answer_phrase {text};
-- A deleted group is gone for every reader at once; its numbers go little by little.
alter table block_group add column deleted_at bigint;

alter table batch add column reason {text} not null default '';

-- Led by the number, as blocked_number is: a call is looked up here too.
create table allowed_number (
  account_id integer not null references account,
  pattern {text} not null,
  allowed_number_id integer not null,
  protected integer not null,
  expires_at bigint,
  reason {text} not null,
  door {text} not null,
  key_id integer,
  created_at bigint not null,
  primary key (account_id, pattern),
  unique (account_id, allowed_number_id)
) {clustered};

-- Every committed change. An account's own are numbered by `change_id`, in the order of its
-- commits and without gaps, which would tell of others; `sequence` is that of the whole store.
-- `entries` has the numbers that a change of many is about.
create table change (
  sequence {sequence},
  account_id integer not null references account,
  change_id bigint not null,
  at bigint not null,
  door {text} not null,
  key_id integer,
  action {text} not null,
  subject {text} not null,
  before {text},
  after {text},
  entries {text},
  unique (account_id, change_id)
);

-- Answers kept for Idempotency-Key, sealed with the API key of whoever asked, which is not kept.
create table kept_answer (
  account_id integer not null references account,
  key_id integer not null,
  idempotency_key {text} not null,
  fingerprint {text} not null,
  answer {text} not null,
  created_at bigint not null,
  primary key (account_id, key_id, idempotency_key)
) {clustered};
create index kept_answer_by_age on kept_answer (created_at);
