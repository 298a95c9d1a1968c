-- Files of many rows: read, looked at, applied a chunk at a time, and taken back. Code that does not
-- know of them goes on.

-- Which chunk of which import put numbers there, so that it can be taken back after others.
alter table batch add column import_id {text};
alter table batch add column chunk_no integer;

-- `import_id` is one of a kind in the whole store and sorts by time. JSON: what reading the file
-- found (`found`), what its rows would do (`preview`) and did (`applied`). `stepped_at` is when the
-- last step was made: whoever made it is gone where that is long ago.
create table import (
  account_id integer not null references account,
  import_id {text} not null,
  kind {text} not null,
  block_group_id integer,
  state {text} not null,
  door {text} not null,
  key_id integer,
  created_at bigint not null,
  stepped_at bigint not null,
  file_rows integer not null default 0,
  found {text} not null default '{{}}',
  preview {text} not null default '{{}}',
  applied {text} not null default '{{}}',
  failed integer not null default 0,
  chunks integer not null default 0,
  chunks_done integer not null default 0,
  staged integer not null default 0,
  done integer not null default 0,
  undo_from integer not null default 0,
  primary key (account_id, import_id)
) {clustered};
create index import_by_id on import (import_id);
create index import_by_state on import (state, stepped_at);

-- Rows that go into the store in one transaction, as JSON; emptied by it, for the change it records
-- has them all. `failed` of them stand in the file of the rows that failed.
create table import_chunk (
  account_id integer not null,
  import_id {text} not null,
  chunk_no integer not null,
  block_group_id integer,
  size integer not null,
  staged {text} not null,
  lines {text} not null,
  reasons {text} not null,
  change_id bigint,
  failed integer not null default 0,
  undone integer not null default 0,
  primary key (account_id, import_id, chunk_no),
  foreign key (account_id, import_id) references import (account_id, import_id)
) {clustered};

-- The file of the rows that failed, in parts, as CSV without its header: what reading found, and
-- behind that one part of each chunk of which rows failed.
create table import_failure (
  account_id integer not null,
  import_id {text} not null,
  part_no integer not null,
  content {text} not null,
  primary key (account_id, import_id, part_no),
  foreign key (account_id, import_id) references import (account_id, import_id)
) {clustered};
