"""A call for Bob, with Alice's values, of every function of the store that takes an account."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from ringfence.errors import (
    BlockGroupNotFound,
    Conflict,
    PhoneNumberNotFound,
    RingfenceError,
    ScreeningNotFound,
    SkillNotFound,
)
from ringfence.model.accounts import Account
from ringfence.model.block_groups import BlockGroup, Direction
from ringfence.model.changes import Action, Change
from ringfence.model.imports import StagedChunk
from ringfence.model.phone_numbers import State
from ringfence.store import (
    Transaction,
    accounts,
    activity,
    agent_blocks,
    allowed_numbers,
    api_keys,
    block_groups,
    blocked_numbers,
    changes,
    entry_hits,
    exports,
    housekeeping,
    hunting,
    import_chunks,
    import_rows,
    imports,
    kept_answers,
    old_activity,
    outbound_blocks,
    past_calls,
    path_uses,
    phone_numbers,
    phone_rows,
    phone_search,
    protection,
    screening,
    screening_counts,
    screenings,
    skills,
    tokens,
)
from ringfence.store.kept_answers import AnswerKey, KeptAnswer
from tests.store.people import (
    BLOCKED,
    IMPORT,
    MINUTE,
    NOW,
    ORIGIN,
    OWN,
    SCREENING,
    agent_block,
    allowed,
    imported,
    staged,
)

MODULES = (
    *(accounts, allowed_numbers, api_keys, block_groups, blocked_numbers, changes, housekeeping),
    *(exports, import_chunks, import_rows, imports, outbound_blocks),
    *(hunting, kept_answers, path_uses, phone_numbers, phone_rows, phone_search, protection),
    *(screening, skills, tokens, agent_blocks, past_calls),
    *(activity, entry_hits, old_activity, screening_counts, screenings),
)
HERS = BLOCKED["alice"]
HER_NUMBER = OWN["alice"]
LONG_AGO = NOW - timedelta(days=1)
HER_CHUNK = StagedChunk(1, 1, staged("alice"), "[2]", ("because of alice",))
HER_ROWS = import_rows.SentRows.of(staged("alice"))
EVERYTHING = blocked_numbers.Span("", "~")
EVER = tokens.Period(LONG_AGO, NOW)
EVERY_CALL = past_calls.Period(0, 2**63 - 1)
INBOUND = Direction.INBOUND
ANY_NUMBER = phone_search.Look()
EVERYWHERE = screening.Look((7,))
ANY_CALL = screenings.Look(0, SCREENING + 9)
HER_CALLS = screenings.Look(0, SCREENING + 9, ("calling", (HERS,)))
MINUTES = screening_counts.CountRange(0, MINUTE + 9, 1)


@dataclass(frozen=True)
class Call:
    """A call for Bob with Alice's values, and the error it ends in, if any."""

    run: Callable[[Transaction, Account], object]
    error: type[RingfenceError] | None = None


def clear_import(tx: Transaction, bob: Account) -> None:
    """Delete Bob's import, which has the id of Alice's, with its chunk and its failed rows."""
    housekeeping.delete_some_chunks(tx, bob.account_id, IMPORT, 9)
    housekeeping.delete_some_failures(tx, bob.account_id, IMPORT, 9)
    housekeeping.delete_import(tx, bob.account_id, IMPORT)


def _attach_again(tx: Transaction, bob: Account) -> None:
    """Take from Bob's phone number, which has the id of Alice's, its skill, and give it back."""
    phone_rows.detach_many(tx, bob.account_id, [(1, 1)])
    phone_rows.attach_many(tx, bob.account_id, [(1, 1)])


CALLS: dict[Callable[..., object], Call] = {
    accounts.update_account: Call(
        lambda tx, bob: accounts.update_account(tx, replace(bob, user_name="alice", region="US"))
    ),
    accounts.next_id: Call(
        lambda tx, bob: accounts.next_id(tx, bob.account_id, "last_batch_id"),
    ),
    accounts.set_activity_key: Call(
        lambda tx, bob: accounts.set_activity_key(tx, bob.account_id, "key of alice"),
    ),
    activity.has_screening: Call(
        lambda tx, bob: none(activity.has_screening(tx, bob.account_id, SCREENING + 1)),
    ),
    screenings.select_screenings: Call(
        lambda tx, bob: [
            screenings.select_screenings(tx, bob.account_id, look, 9)
            for look in (ANY_CALL, HER_CALLS)
        ],
    ),
    screenings.select_screening: Call(
        lambda tx, bob: screenings.select_screening(tx, bob.account_id, SCREENING + 1),
        ScreeningNotFound,
    ),
    screenings.select_group_names: Call(
        lambda tx, bob: screenings.select_group_names(tx, bob.account_id, [1]),
    ),
    screening_counts.select_counts: Call(
        lambda tx, bob: screening_counts.select_counts(tx, bob.account_id, MINUTES, (0, -1, ""), 9),
    ),
    screening_counts.select_first_minute: Call(
        lambda tx, bob: screening_counts.select_first_minute(tx, bob.account_id, MINUTES),
    ),
    entry_hits.has_hits: Call(lambda tx, bob: entry_hits.has_hits(tx, bob.account_id)),
    entry_hits.delete_hits_up_to: Call(
        lambda tx, bob: entry_hits.delete_hits_up_to(tx, bob.account_id, 1, None),
    ),
    old_activity.delete_old_screenings: Call(
        lambda tx, bob: old_activity.delete_old_screenings(tx, bob.account_id, SCREENING + 9, 9),
    ),
    old_activity.delete_old_counts: Call(
        lambda tx, bob: old_activity.delete_old_counts(tx, bob.account_id, MINUTE + 9, 9),
    ),
    api_keys.insert_api_key: Call(
        lambda tx, bob: api_keys.insert_api_key(tx, bob.account_id, "digest of alice", "al", NOW),
        Conflict,
    ),
    api_keys.select_api_keys: Call(
        lambda tx, bob: api_keys.select_api_keys(tx, bob.account_id),
    ),
    api_keys.revoke_api_key: Call(
        lambda tx, bob: api_keys.revoke_api_key(tx, bob, 1, NOW),
    ),
    block_groups.insert_block_group: Call(
        lambda tx, bob: block_groups.insert_block_group(
            tx, bob.account_id, "group of alice", "mine", NOW
        ),
    ),
    block_groups.select_block_group: Call(
        lambda tx, bob: block_groups.select_block_group(tx, bob.account_id, 1),
    ),
    block_groups.select_block_group_id: Call(
        lambda tx, bob: none(
            block_groups.select_block_group_id(tx, bob.account_id, "group of alice")
        ),
    ),
    block_groups.select_named_group: Call(
        lambda tx, bob: block_groups.select_named_group(tx, bob.account_id, "group of alice"),
        BlockGroupNotFound,
    ),
    block_groups.update_block_group: Call(
        lambda tx, bob: block_groups.update_block_group(
            tx, bob.account_id, BlockGroup(1, "group of alice", "mine"), NOW
        ),
    ),
    block_groups.select_block_groups: Call(
        lambda tx, bob: block_groups.select_block_groups(tx, bob.account_id, 0, 9),
    ),
    block_groups.select_group_ids: Call(
        lambda tx, bob: block_groups.select_group_ids(tx, bob.account_id),
    ),
    block_groups.select_skill_names: Call(
        lambda tx, bob: block_groups.select_skill_names(tx, bob.account_id),
    ),
    block_groups.delete_block_group: Call(
        lambda tx, bob: block_groups.delete_block_group(tx, bob.account_id, 1, NOW),
    ),
    block_groups.read_groups: Call(
        lambda tx, bob: none(block_groups.read_groups(tx, bob.account_id, [])),
    ),
    housekeeping.delete_some_entries: Call(
        lambda tx, bob: housekeeping.delete_some_entries(tx, bob.account_id, 1, 9),
    ),
    housekeeping.delete_empty_group: Call(
        lambda tx, bob: housekeeping.delete_empty_group(tx, bob.account_id, 1),
    ),
    allowed_numbers.insert_allowed_number: Call(
        lambda tx, bob: allowed_numbers.insert_allowed_number(
            tx, bob.account_id, replace(allowed("alice"), allowed_number_id=2)
        ),
    ),
    allowed_numbers.select_allowed_number: Call(
        lambda tx, bob: allowed_numbers.select_allowed_number(tx, bob.account_id, 1),
    ),
    allowed_numbers.select_allowed_pattern: Call(
        lambda tx, bob: none(allowed_numbers.select_allowed_pattern(tx, bob.account_id, HERS)),
    ),
    allowed_numbers.select_allowed_numbers: Call(
        lambda tx, bob: allowed_numbers.select_allowed_numbers(tx, bob.account_id, EVERYTHING, 9),
    ),
    allowed_numbers.delete_allowed_number: Call(
        lambda tx, bob: allowed_numbers.delete_allowed_number(tx, bob.account_id, 1),
    ),
    protection.select_protections: Call(
        lambda tx, bob: none(
            protection.select_protections(tx, bob.account_id, [HERS, HER_NUMBER], NOW)
        ),
    ),
    blocked_numbers.select_found_blocks: Call(
        lambda tx, bob: none(
            blocked_numbers.select_found_blocks(tx, bob.account_id, [HERS], ("", 0), 9, NOW)
        ),
    ),
    blocked_numbers.select_group_entries: Call(
        lambda tx, bob: [
            each.pattern.replace(BLOCKED["bob"], "")
            for each in blocked_numbers.select_group_entries(tx, bob.account_id, 1, EVERYTHING, 9)
        ],
    ),
    blocked_numbers.insert_batch: Call(
        lambda tx, bob: blocked_numbers.insert_batch(tx, bob.account_id, ORIGIN),
    ),
    blocked_numbers.upsert_blocked_numbers: Call(
        lambda tx, bob: blocked_numbers.upsert_blocked_numbers(
            tx, bob.account_id, 1, [HERS], NOW, 1
        ),
    ),
    blocked_numbers.select_reasons: Call(
        lambda tx, bob: blocked_numbers.select_reasons(tx, bob.account_id, [1, 2]),
    ),
    blocked_numbers.select_entries: Call(
        lambda tx, bob: none(blocked_numbers.select_entries(tx, bob.account_id, [HERS])),
    ),
    blocked_numbers.delete_blocked_numbers: Call(
        lambda tx, bob: blocked_numbers.delete_blocked_numbers(tx, bob.account_id, 1, [HERS]),
    ),
    changes.insert_change: Call(
        lambda tx, bob: changes.insert_change(
            tx, bob.account_id, Change(Action.ACCOUNT_SET, "1"), ORIGIN
        ),
    ),
    changes.select_changes: Call(
        lambda tx, bob: changes.select_changes(tx, bob.account_id, None, 10, newest_first=True),
    ),
    changes.select_change: Call(
        lambda tx, bob: none(changes.select_change(tx, bob.account_id, 1)),
    ),
    changes.select_last_change_id: Call(
        lambda tx, bob: changes.select_last_change_id(tx, bob.account_id),
    ),
    housekeeping.delete_some_chunks: Call(
        lambda tx, bob: housekeeping.delete_some_chunks(tx, bob.account_id, IMPORT, 9),
    ),
    housekeeping.delete_some_failures: Call(
        lambda tx, bob: housekeeping.delete_some_failures(tx, bob.account_id, IMPORT, 9),
    ),
    housekeeping.close_failures: Call(
        lambda tx, bob: housekeeping.close_failures(tx, bob.account_id, IMPORT),
    ),
    housekeeping.expire_preview: Call(
        lambda tx, bob: housekeeping.expire_preview(tx, bob.account_id, IMPORT),
    ),
    housekeeping.close_import: Call(
        lambda tx, bob: housekeeping.close_import(tx, bob.account_id, IMPORT),
    ),
    housekeeping.delete_import: Call(clear_import),
    imports.insert_import: Call(
        lambda tx, bob: imports.insert_import(
            tx, bob.account_id, replace(imported("alice"), import_id="another")
        ),
    ),
    imports.select_import: Call(
        lambda tx, bob: imports.select_import(tx, bob.account_id, IMPORT),
    ),
    imports.select_imports: Call(
        lambda tx, bob: imports.select_imports(tx, bob.account_id, None, 9),
    ),
    imports.update_import: Call(
        lambda tx, bob: imports.update_import(tx, bob.account_id, imported("alice"), LONG_AGO),
    ),
    imports.touch_import: Call(
        lambda tx, bob: imports.touch_import(tx, bob.account_id, IMPORT, LONG_AGO),
    ),
    imports.give_reading_up: Call(
        lambda tx, bob: imports.give_reading_up(tx, bob.account_id, IMPORT),
    ),
    import_chunks.insert_chunk: Call(
        lambda tx, bob: import_chunks.insert_chunk(tx, bob.account_id, IMPORT, 2, HER_CHUNK),
    ),
    import_chunks.select_chunk: Call(
        lambda tx, bob: import_chunks.select_chunk(tx, bob.account_id, IMPORT, 1),
    ),
    import_chunks.close_chunk: Call(
        lambda tx, bob: import_chunks.close_chunk(tx, bob.account_id, IMPORT, 1, 1),
    ),
    import_chunks.take_chunk_back: Call(
        lambda tx, bob: import_chunks.take_chunk_back(tx, bob.account_id, IMPORT, 1),
    ),
    import_chunks.insert_failures: Call(
        lambda tx, bob: import_chunks.insert_failures(tx, bob.account_id, IMPORT, 2, "2"),
    ),
    import_chunks.select_failures: Call(
        lambda tx, bob: import_chunks.select_failures(tx, bob.account_id, IMPORT, 0),
    ),
    import_chunks.set_failures: Call(
        lambda tx, bob: import_chunks.set_failures(tx, bob.account_id, IMPORT, 1, "3", 1),
    ),
    import_rows.select_held_rows: Call(
        lambda tx, bob: none(import_rows.select_held_rows(tx, bob.account_id, 1, HER_ROWS)),
    ),
    import_rows.select_protected_rows: Call(
        lambda tx, bob: none(import_rows.select_protected_rows(tx, bob.account_id, HER_ROWS, 0)),
    ),
    import_rows.upsert_rows: Call(
        lambda tx, bob: import_rows.upsert_rows(tx, bob.account_id, 1, staged("alice"), 1),
    ),
    import_rows.insert_batches: Call(
        lambda tx, bob: import_rows.insert_batches(
            tx, bob.account_id, ORIGIN, ["mine"], import_rows.BatchSource(IMPORT, 1)
        ),
    ),
    import_rows.select_undone_batches: Call(
        lambda tx, bob: none(import_rows.select_undone_batches(tx, bob.account_id, [1])),
    ),
    hunting.attach_skills: Call(
        lambda tx, bob: hunting.attach_skills(tx, bob.account_id, 1, [1]),
    ),
    hunting.detach_skills: Call(
        lambda tx, bob: hunting.detach_skills(tx, bob.account_id, 1, [1]),
    ),
    hunting.reorder_hunts: Call(lambda tx, bob: hunting.reorder_hunts(tx, bob.account_id, 1)),
    hunting.select_held: Call(lambda tx, bob: none(hunting.select_held(tx, bob.account_id, 2))),
    hunting.select_hunt: Call(
        lambda tx, bob: hunting.select_hunt(tx, bob.account_id, 1, "", 10),
    ),
    kept_answers.select_kept_answer: Call(
        lambda tx, bob: none(
            kept_answers.select_kept_answer(tx, bob.account_id, AnswerKey(1, "of alice"), LONG_AGO)
        ),
    ),
    kept_answers.insert_kept_answer: Call(
        lambda tx, bob: kept_answers.insert_kept_answer(
            tx, bob.account_id, AnswerKey(1, "of alice"), KeptAnswer("other", "other"), NOW
        ),
    ),
    outbound_blocks.select_outbound_groups: Call(
        lambda tx, bob: outbound_blocks.select_outbound_groups(tx, bob.account_id),
    ),
    outbound_blocks.stream_outbound_patterns: Call(
        lambda tx, bob: [
            each.patterns.replace(BLOCKED["bob"], "")
            for each in outbound_blocks.stream_outbound_patterns(tx, bob.account_id, NOW)
        ],
    ),
    outbound_blocks.select_outbound_among: Call(
        lambda tx, bob: none(
            outbound_blocks.select_outbound_among(tx, bob.account_id, [HERS], NOW)
        ),
    ),
    outbound_blocks.select_exempt_patterns: Call(
        lambda tx, bob: outbound_blocks.select_exempt_patterns(tx, bob.account_id, NOW, 9),
    ),
    outbound_blocks.select_exempt_among: Call(
        lambda tx, bob: none(
            outbound_blocks.select_exempt_among(tx, bob.account_id, [HERS, HER_NUMBER], NOW)
        ),
    ),
    path_uses.add_path_use: Call(
        lambda tx, bob: path_uses.add_path_use(tx, bob.account_id, "/path", 1, NOW),
    ),
    phone_numbers.insert_phone_number: Call(
        lambda tx, bob: phone_numbers.insert_phone_number(
            tx, bob, "desk.of.alice", HER_NUMBER, HER_NUMBER, NOW
        ),
    ),
    phone_numbers.lock_phone_number: Call(
        lambda tx, bob: phone_numbers.lock_phone_number(tx, bob, "desk.of.alice", HER_NUMBER),
        PhoneNumberNotFound,
    ),
    phone_numbers.select_phone_number: Call(
        lambda tx, bob: phone_numbers.select_phone_number(
            tx, bob.account_id, "desk.of.alice", HER_NUMBER
        ),
        PhoneNumberNotFound,
    ),
    phone_numbers.update_phone_name: Call(
        lambda tx, bob: phone_numbers.update_phone_name(tx, bob.account_id, 1, "desk.of.alice"),
    ),
    phone_numbers.update_number: Call(
        lambda tx, bob: phone_numbers.update_number(tx, bob.account_id, 1, HER_NUMBER, HER_NUMBER),
    ),
    phone_numbers.delete_phone_number: Call(
        lambda tx, bob: phone_numbers.delete_phone_number(tx, bob.account_id, 1),
    ),
    phone_numbers.update_standing: Call(
        lambda tx, bob: phone_numbers.update_standing(tx, bob.account_id, 1, 20, State.OFF),
    ),
    phone_numbers.touch_phone_number: Call(
        lambda tx, bob: phone_numbers.touch_phone_number(tx, bob.account_id, 1, LONG_AGO),
    ),
    phone_numbers.check_region: Call(phone_numbers.check_region),
    phone_numbers.select_phone_numbers: Call(
        lambda tx, bob: phone_numbers.select_phone_numbers(tx, bob.account_id, [1, 2]),
    ),
    phone_search.select_page: Call(
        lambda tx, bob: phone_search.select_page(tx, bob.account_id, ANY_NUMBER, None, 10),
    ),
    phone_numbers.select_own_numbers: Call(
        lambda tx, bob: none(phone_numbers.select_own_numbers(tx, bob.account_id, [HER_NUMBER])),
    ),
    phone_numbers.select_numbers: Call(
        lambda tx, bob: phone_numbers.select_numbers(tx, bob.account_id),
    ),
    phone_numbers.update_number_keys: Call(
        lambda tx, bob: phone_numbers.update_number_keys(tx, bob.account_id, [(1, HER_NUMBER)]),
    ),
    phone_rows.select_by_ids: Call(
        lambda tx, bob: phone_rows.select_by_ids(tx, bob.account_id, [1, 2]),
    ),
    phone_rows.select_known: Call(
        lambda tx, bob: none(
            phone_rows.select_known(tx, bob.account_id, ["desk.of.alice"], [HER_NUMBER])
        ),
    ),
    phone_rows.insert_phones: Call(
        lambda tx, bob: phone_rows.insert_phones(
            tx, bob.account_id, [phone_rows.NewPhone("Desk", "1", HER_NUMBER, 1, State.OFF)], NOW
        ),
    ),
    phone_rows.update_standings: Call(
        lambda tx, bob: phone_rows.update_standings(
            tx, bob.account_id, [phone_rows.Standing(1, 9, State.OFF, 0)]
        ),
    ),
    phone_rows.detach_many: Call(
        lambda tx, bob: phone_rows.detach_many(tx, bob.account_id, [(1, 1)]),
    ),
    phone_rows.attach_many: Call(_attach_again),
    phone_rows.delete_phones: Call(
        lambda tx, bob: phone_rows.delete_phones(tx, bob.account_id, [1]),
    ),
    exports.stream_entries: Call(
        lambda tx, bob: list(exports.stream_entries(tx, bob.account_id, 1, 0)),
    ),
    exports.stream_phone_lines: Call(
        lambda tx, bob: list(exports.stream_phone_lines(tx, bob.account_id)),
    ),
    screening.select_standing: Call(
        lambda tx, bob: none(
            (screening.select_standing(tx, bob.account_id).look.few or {}).get(HERS)
        ),
    ),
    screening.select_matches: Call(
        lambda tx, bob: none(screening.select_matches(tx, bob.account_id, HERS, EVERYWHERE)),
    ),
    screening.select_many_matches: Call(
        lambda tx, bob: none(screening.select_many_matches(tx, bob.account_id, [HERS], EVERYWHERE)),
    ),
    screening.select_group_rule: Call(
        lambda tx, bob: screening.select_group_rule(tx, bob.account_id, 1),
    ),
    screening.select_provenances: Call(
        lambda tx, bob: screening.select_provenances(tx, bob.account_id, [1]),
    ),
    skills.insert_skill: Call(
        lambda tx, bob: skills.insert_skill(tx, bob, "skill of alice").skill_id,
    ),
    skills.select_skills: Call(
        lambda tx, bob: skills.select_skills(tx, bob.account_id),
    ),
    skills.select_skill_ids: Call(
        lambda tx, bob: none(skills.select_skill_ids(tx, bob.account_id, ["skill of alice"])),
    ),
    skills.select_skill: Call(
        lambda tx, bob: skills.select_skill(tx, bob, "skill of alice"), SkillNotFound
    ),
    skills.select_ids: Call(lambda tx, bob: skills.select_ids(tx, bob.account_id)),
    skills.is_in_scope: Call(lambda tx, bob: none(skills.is_in_scope(tx, bob.account_id, 2))),
    skills.delete_skill: Call(lambda tx, bob: skills.delete_skill(tx, bob.account_id, 1)),
    tokens.check_token_limit: Call(
        lambda tx, bob: tokens.check_token_limit(tx, bob.account_id, 2, EVER),
    ),
    tokens.insert_token: Call(
        lambda tx, bob: tokens.insert_token(tx, bob.account_id, "jti of alice", 1, EVER, NOW),
    ),
    tokens.select_live_token: Call(
        lambda tx, bob: tokens.select_live_token(tx, bob.account_id, EVER),
    ),
    agent_blocks.insert_agent_block: Call(
        lambda tx, bob: agent_blocks.insert_agent_block(
            tx, bob.account_id, agent_block("alice")._replace(agent_block_id=2)
        ),
    ),
    agent_blocks.select_agent_block: Call(
        lambda tx, bob: agent_blocks.select_agent_block(tx, bob.account_id, 1),
    ),
    agent_blocks.select_agent_blocks: Call(
        lambda tx, bob: agent_blocks.select_agent_blocks(tx, bob.account_id, None, 9, 9),
    ),
    agent_blocks.select_standing_blocks: Call(
        lambda tx, bob: none(agent_blocks.select_standing_blocks(tx, bob.account_id, [HERS])),
    ),
    agent_blocks.update_agent_block: Call(
        lambda tx, bob: agent_blocks.update_agent_block(
            tx, bob.account_id, agent_block("alice")._replace(undone_at=5)
        ),
    ),
    agent_blocks.select_key_labels: Call(
        lambda tx, bob: agent_blocks.select_key_labels(tx, bob.account_id, [1, 2]),
    ),
    agent_blocks.select_group_names: Call(
        lambda tx, bob: agent_blocks.select_group_names(tx, bob.account_id, [1, 2]),
    ),
    past_calls.select_party: Call(
        lambda tx, bob: past_calls.select_party(tx, bob.account_id, SCREENING).replace(
            HERS, "alice"
        ),
    ),
    past_calls.stream_past_calls: Call(
        lambda tx, bob: repr(
            list(past_calls.stream_past_calls(tx, bob.account_id, EVERY_CALL, [INBOUND]))
        ).replace(HERS, "alice"),
    ),
    past_calls.select_calls_of: Call(
        lambda tx, bob: none(
            past_calls.select_calls_of(tx, bob.account_id, [HERS], EVERY_CALL, INBOUND)
        ),
    ),
    past_calls.select_live_patterns: Call(
        lambda tx, bob: none(past_calls.select_live_patterns(tx, bob.account_id, 1, [HERS], NOW)),
    ),
    past_calls.stream_live_numbers: Call(
        lambda tx, bob: repr(
            list(past_calls.stream_live_numbers(tx, bob.account_id, 1, NOW))
        ).replace(HERS, "alice"),
    ),
    screening.select_prefix_lengths: Call(
        lambda tx, bob: screening.select_prefix_lengths(tx, bob.account_id),
    ),
    past_calls.select_activity_key: Call(
        lambda tx, bob: past_calls.select_activity_key(tx, bob.account_id),
    ),
}


def none(found: object) -> None:
    """Check that nothing was found."""
    assert not found
