-- Every key starts with the account, except where the account is not known yet (login, api_key).
-- Times are milliseconds since 1970 in UTC, given by the application. No triggers.

create table schema_migration (
  version integer not null primary key,
  name {text} not null,
  applied_at bigint not null
);

create table account (
  account_id integer not null primary key,
  user_name {text} not null,
  region {text} not null,
  timezone {text} not null,
  phone_number_limit integer not null,
  phone_numbers_used integer not null default 0,
  created_at bigint not null,
  -- The ids handed out last. They only grow, so none is ever used twice.
  last_api_key_id integer not null default 0,
  last_skill_id integer not null default 0,
  last_phone_number_id integer not null default 0,
  last_block_group_id integer not null default 0,
  last_batch_id integer not null default 0
);

-- A table of its own: a unique index across accounts would not fit a store split by account.
create table login (
  user_name {text} not null primary key,
  account_id integer not null
) {clustered};

create table api_key (
  digest {text} not null primary key,
  account_id integer not null,
  key_id integer not null,
  prefix {text} not null,
  created_at bigint not null,
  revoked_at bigint
) {clustered};
create index api_key_of_account on api_key (account_id, key_id);

create table skill (
  account_id integer not null references account,
  skill_id integer not null,
  name {text} not null,
  name_key {text} not null,
  primary key (account_id, skill_id),
  unique (account_id, name_key)
) {clustered};

create table phone_number (
  account_id integer not null references account,
  phone_number_id integer not null,
  name {text} not null,
  name_key {text} not null,
  number {text} not null,
  number_key {text} not null,
  priority integer not null default 1,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (account_id, phone_number_id),
  unique (account_id, name_key),
  unique (account_id, number_key)
) {clustered};

create table phone_number_skill (
  account_id integer not null,
  phone_number_id integer not null,
  skill_id integer not null,
  primary key (account_id, phone_number_id, skill_id),
  foreign key (account_id, phone_number_id) references phone_number (account_id, phone_number_id),
  foreign key (account_id, skill_id) references skill (account_id, skill_id)
) {clustered};
create index phone_number_of_skill on phone_number_skill (account_id, skill_id);

create table block_group (
  account_id integer not null references account,
  block_group_id integer not null,
  name {text} not null,
  name_key {text} not null,
  description {text} not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (account_id, block_group_id),
  unique (account_id, name_key)
) {clustered};

-- Who changed blocked numbers, through which door, when: said once for all numbers of a request.
create table batch (
  account_id integer not null references account,
  batch_id integer not null,
  door {text} not null,
  key_id integer,
  created_at bigint not null,
  primary key (account_id, batch_id)
) {clustered};

-- Narrow, and led by the number: a call is looked up here by one statement.
create table blocked_number (
  account_id integer not null,
  pattern {text} not null,
  block_group_id integer not null,
  expires_at bigint,
  batch_id integer not null,
  primary key (account_id, pattern, block_group_id),
  foreign key (account_id, block_group_id) references block_group (account_id, block_group_id),
  foreign key (account_id, batch_id) references batch (account_id, batch_id)
) {clustered};
