-- What lets callers of an account in, where a door asks for this setting.
alter table account add column api_authentication {text} not null default 'key';
alter table account add column last_token_id integer not null default 0;

-- The tokens given to an account within the last hour, which is what their number is limited by.
-- The newest is the only one that may be live. What is kept is its id, never the token.
create table token (
  account_id integer not null references account,
  token_id integer not null,
  jti {text} not null,
  key_id integer not null,
  created_at bigint not null,
  primary key (account_id, token_id)
) {clustered};

-- What tokens of all accounts are signed with: one row, made when the first token is.
create table signing_secret (
  secret_id integer not null primary key,
  secret {text} not null,
  created_at bigint not null
);
