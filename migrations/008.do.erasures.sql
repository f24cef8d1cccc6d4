-- Counts erasures, so that a list that was in the making meanwhile is not logged afterwards, also of somebody who has no
-- row in users to be locked. A slot stands for a four-thousandth of all ids, and names nobody.
create table erasures (
  slot int primary key,                                   -- hashtext(users.id) & 4095
  count bigint not null default 0
);
insert into erasures (slot) select generate_series(0, 4095);
