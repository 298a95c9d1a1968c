"""Numbers as people, switches and mistakes write them, from a seed."""

import re
from collections.abc import Iterator, Sequence
from random import Random

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberType

from ringfence.model.numbers import MAX_DIGITS, MIN_DIGITS

DIGITS = "0123456789"
INTERNATIONAL_PREFIXES = ("00", "011", "0011", "810", "0", "1", "8")
TYPES = (
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.VOIP,
    PhoneNumberType.PERSONAL_NUMBER,
    PhoneNumberType.UAN,
)


class NumberMaker:
    """Makes spellings for one region; `others` are the regions it borrows numbers from."""

    def __init__(self, random: Random, region: str, others: Sequence[str]) -> None:
        self._random = random
        self._others = others
        metadata = PhoneMetadata.metadata_for_region(region, None)
        assert metadata is not None, region
        self._metadata = metadata
        self._code = str(metadata.country_code)
        self._examples = examples(region)
        self._prefixed = list(self._looking_prefixed(2000))

    def make(self) -> str:
        """Return one spelling, bad ones among them, of as many digits as the wire lets pass."""
        kinds = (
            self._as_it_stands,
            self._national_prefix,
            self._like_prefixed,
            self._international_prefix,
            self._country_code,
            self._plus,
            self._plus_of_another_region,
            self._zeros_first,
            self._any_digits,
            self._local,
        )
        text = self._random.choice(kinds)()
        plus, digits = text[: text.startswith("+")], text.lstrip("+")
        return plus + digits[:MAX_DIGITS].ljust(MIN_DIGITS, "0")

    def _national(self) -> str:
        """Return a real number, such a number with one mistake, or any of a possible length."""
        if self._examples and self._random.random() < 0.75:
            example = self._random.choice(self._examples)
            return example if self._random.random() < 0.5 else self._mistaken(example)
        return self._digits(self._random.choice(list(self._general().possible_length)))

    def _mistaken(self, digits: str) -> str:
        at = self._random.randrange(len(digits))
        put = self._random.choice(("", self._digits(1), digits[at] + self._digits(1)))
        return digits[:at] + put + digits[at + 1 :]

    def _as_it_stands(self) -> str:
        return self._national()

    def _national_prefix(self) -> str:
        return (self._metadata.national_prefix or "0") + self._national()

    def _like_prefixed(self) -> str:
        """Return digits that fit the plan as they stand, but could also lose a prefix."""
        return self._random.choice(self._prefixed or [self._national()])

    def _looking_prefixed(self, attempts: int) -> Iterator[str]:
        prefix = re.compile(self._metadata.national_prefix_for_parsing or "(?!)")
        plan = re.compile(self._general().national_number_pattern or "(?!)")
        for _ in range(attempts):
            digits = self._digits(self._random.choice(list(self._general().possible_length)))
            found = prefix.match(digits)
            if found and found.group() and plan.fullmatch(digits):
                yield digits

    def _international_prefix(self) -> str:
        return self._random.choice(INTERNATIONAL_PREFIXES) + self._country_code()

    def _country_code(self) -> str:
        return self._code + self._national()

    def _plus(self) -> str:
        return f"+{self._country_code()}"

    def _plus_of_another_region(self) -> str:
        region = self._random.choice(self._others)
        example = self._random.choice(examples(region) or ["12345678"])
        return f"+{phonenumbers.country_code_for_region(region)}{example}"

    def _zeros_first(self) -> str:
        zeros = "0" * self._random.randrange(1, 17)
        return zeros if self._random.random() < 0.2 else zeros[:4] + self._national()

    def _any_digits(self) -> str:
        plus = self._random.choice(("", "", "+"))
        return plus + self._digits(self._random.randrange(MIN_DIGITS, MAX_DIGITS + 1))

    def _local(self) -> str:
        lengths = list(self._general().possible_length_local_only) or [5]
        return self._random.choice(("", "+" + self._code)) + self._digits(
            self._random.choice(lengths)
        )

    def _digits(self, count: int) -> str:
        return "".join(self._random.choices(DIGITS, k=count))

    def _general(self) -> phonenumbers.PhoneNumberDesc:
        assert self._metadata.general_desc is not None
        return self._metadata.general_desc


def examples(region: str) -> list[str]:
    """Return the example of every type of number that the metadata of `region` has."""
    found = (phonenumbers.example_number_for_type(region, kind) for kind in TYPES)
    return [phonenumbers.national_significant_number(number) for number in found if number]
