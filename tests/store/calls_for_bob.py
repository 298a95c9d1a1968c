"""A call for Bob, with Alice's values, of every function of the store that takes an account."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from ringfence.errors import (
    BlockGroupNotFound,
    Conflict,
    PhoneNumberNotFound,
    RingfenceError,
    SkillNotFound,
)
from ringfence.model.accounts import Account
from ringfence.model.block_groups import BlockGroup
from ringfence.model.changes import Action, Change
from ringfence.model.phone_numbers import State
from ringfence.store import (
    Transaction,
    accounts,
    allowed_numbers,
    api_keys,
    block_groups,
    blocked_numbers,
    changes,
    housekeeping,
    hunting,
    kept_answers,
    outbound_blocks,
    path_uses,
    phone_numbers,
    phone_search,
    protection,
    skills,
    tokens,
)
from ringfence.store.kept_answers import AnswerKey, KeptAnswer
from tests.store.people import BLOCKED, NOW, ORIGIN, OWN, allowed

MODULES = (
    *(accounts, allowed_numbers, api_keys, block_groups, blocked_numbers, changes, housekeeping),
    *(hunting, kept_answers, outbound_blocks, path_uses, phone_numbers, phone_search, protection),
    *(skills, tokens),
)
HERS = BLOCKED["alice"]
HER_NUMBER = OWN["alice"]
LONG_AGO = NOW - timedelta(days=1)
EVERYTHING = blocked_numbers.Span("", "~")
EVER = tokens.Period(LONG_AGO, NOW)
ANY_NUMBER = phone_search.Look()


@dataclass(frozen=True)
class Call:
    """A call for Bob with Alice's values, and the error it ends in, if any."""

    run: Callable[[Transaction, Account], object]
    error: type[RingfenceError] | None = None


CALLS: dict[Callable[..., object], Call] = {
    accounts.update_account: Call(
        lambda tx, bob: accounts.update_account(tx, replace(bob, user_name="alice", region="US"))
    ),
    accounts.next_id: Call(
        lambda tx, bob: accounts.next_id(tx, bob.account_id, "last_batch_id"),
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
    allowed_numbers.select_any_allowed: Call(
        lambda tx, bob: none(allowed_numbers.select_any_allowed(tx, bob.account_id, [HERS], NOW)),
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
    blocked_numbers.select_blocks: Call(
        lambda tx, bob: none(blocked_numbers.select_blocks(tx, bob.account_id, HERS, NOW)),
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
}


def none(found: object) -> None:
    """Check that nothing was found."""
    assert not found
