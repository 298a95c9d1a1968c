-- From here on every writer keeps what is derived: counts, digits backwards, the order of a hunt.
update skill set phone_numbers = (
  select count(*) from phone_number_skill
  where phone_number_skill.account_id = skill.account_id
  and phone_number_skill.skill_id = skill.skill_id
);
update phone_number set number_reversed = {reversed_number_key};
update phone_number_skill set hunt_key = (
  select case when priority < 10 then '0' else '' end || priority || name_key
  from phone_number
  where phone_number.account_id = phone_number_skill.account_id
  and phone_number.phone_number_id = phone_number_skill.phone_number_id
);
create index phone_number_by_last_digits on phone_number (account_id, number_reversed);
create index phone_number_off on phone_number (account_id, phone_number_id) where state = 'off';
-- Led as before, and in the order of a list of a skill's numbers.
drop index phone_number_of_skill;
create index phone_number_of_skill on phone_number_skill (account_id, skill_id, phone_number_id);
create index phone_number_hunt on phone_number_skill (account_id, skill_id, hunt_key);
create index blocked_number_of_group on blocked_number (account_id, block_group_id, pattern);
create index block_group_deleted on block_group (account_id, block_group_id)
  where deleted_at is not null;
