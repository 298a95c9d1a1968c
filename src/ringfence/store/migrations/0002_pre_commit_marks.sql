-- For each thread that writes, the number of its last committed write: tried again after a lost
-- acknowledgement, a write finds out by it whether it was done. Only PostgreSQL needs it.
create table commit_mark (
  writer {text} not null primary key,
  number bigint not null,
  marked_at bigint not null
);
