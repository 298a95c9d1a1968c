-- How often each account used a path that has a successor, and when last. No foreign key, for what
-- is counted is written in the background and waits for nobody who changes the account.
create table path_use (
  account_id integer not null,
  path {text} not null,
  requests bigint not null,
  last_at bigint not null,
  primary key (account_id, path)
) {clustered};
