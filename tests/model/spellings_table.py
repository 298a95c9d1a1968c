"""Spellings of callers, and what each reads as: the same table for every reader and every door."""

from dataclasses import dataclass
from typing import NamedTuple

MOBILE = "+919812345678"
WITHHELD = "withheld"


class Trimmed(NamedTuple):
    """What a spelling reads as without its blanks, where that is something else."""

    number: str | None


@dataclass(frozen=True)
class Spelling:
    """A text as it is dialled in `region`: the caller is E.164, `withheld`, or None of these."""

    text: str
    caller: str | None = MOBILE
    region: str = "IN"
    trimmed: Trimmed | None = None
    """In a file blanks are padding."""
    is_doubtful: bool = False
    """Whether a list that comes as a file refuses it: it may be two values, or two rows."""

    @property
    def listed(self) -> str | None:
        """What it is in a list, where a text that says nothing is a mistake."""
        return None if self in NOTHING else self.caller

    @property
    def in_file(self) -> str | None:
        """What it is in a file of such a list."""
        if self.is_doubtful:
            return None
        return self.listed if self.trimmed is None else self.trimmed.number

    @property
    def called(self) -> str | None:
        """What it is in a calling list, which has numbers alone, and is never refused."""
        read = self.listed if self.trimmed is None else self.trimmed.number
        return None if read == WITHHELD else read


IMPOSSIBLE = Trimmed(None)

WRITTEN = (
    *map(
        Spelling,
        (
            "+919812345678",
            "919812345678",
            "9812345678",
            "09812345678",
            "00919812345678",
            "  +919812345678  ",
            "\t98123 45678\t",
            "98123 45678",
            "98123-45678",
            "98123.45678",
            "98123/45678",
            "(98123) 45678",
            "[98123] 45678",
            "+91 98123-45678",
            "+91-(0)98123 45678",
            "+91 (0) 98123 45678",
            "(+91) 98123.45678",
            "(0091) 98123 45678",
            "00 91 98123 45678",
            "0 98123/45678",
            "+91\u00a098123\u202f45678",
            "\u00a09812345678",
            "+91\u200998123\u300045678",
            "98123\u201245678",
            "98123\u201345678",
            "98123\u201445678",
            "98123\u221245678",
            "98123\u00b745678",
            "\u202a+91 98123 45678\u202c",
            "\u2066\u200e9812345678\u2069",
            "98123\u200b45678",
            "98123\u00ad45678\u2060",
            "\ufeff9812345678",
            "\uff19\uff18\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
            "\uff0b\uff19\uff11 98123\uff0d45678",
            "\uff080\uff0998123\u30fc45678",
            "\u0669\u0668\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668",
            "+\u06f9\u06f1\u06f9\u06f8\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8",
            "+\u096f\u0967 \u096f\u096e\u0967\u0968\u0969-\u096a\u096b\u096c\u096d\u096e",
            '"9812345678"',
        ),
    ),
    Spelling("98123-45678;ext=1", is_doubtful=True),
    Spelling("98123 45678\r\n", is_doubtful=True),
    Spelling("01191 98123-45678", region="US"),
    Spelling("00919812345678", region="US"),
    Spelling("0011 91 98123 45678", region="AU"),
    Spelling("810 91 98123 45678", region="RU"),
    Spelling("010 91 98123 45678", region="JP"),
    Spelling("(201) 555-0123", "+12015550123", "US"),
    Spelling("1-201-555-0123", "+12015550123", "US"),
    Spelling("8 (495) 123-45-67", "+74951234567", "RU"),
    Spelling("06 1 234 5678", "+3612345678", "HU"),
    Spelling("+44 (0)20 7946 0018", "+442079460018", "GB"),
    Spelling("06 1234 5678", "+390612345678", "IT"),
    Spelling("0049 (0)30 123456", "+4930123456", "DE"),
)
"""As people write them, with what is dialled before them in their country."""

CARRIED = (
    *map(
        Spelling,
        (
            "tel:+919812345678",
            "tel:+919812345678;ext=1",
            "TEL:+91-98123-45678;isub=12;ext=1",
            "Tel:09812345678",
            "tel://+919812345678",
            "tel:%2B919812345678",
            "tel:98123-45678;phone-context=+91",
            "tel:9812345678;phone-context=example.com",
            "sip:+919812345678@host;user=phone",
            "sip:+919812345678",
            "sip:09812345678@10.0.0.1:5060;transport=tcp",
            "SIP:919812345678@[2001:db8::1]:5060",
            "sips:+919812345678@host?subject=x",
            "sip:+919812345678:secret@host",
            "sip:%2B919812345678@host",
            "sip:%2b91-98123-45678%3Bnpdi@host",
            "sip:+919812345678;npdi;rn=+918041230000@host;user=phone",
            "sip:+919812345678;isub=1;cic=+1-6789@host",
            "sip:98123-45678;phone-context=+91@host;user=phone",
            "sip:98123-45678;phone-context=%2B91@host;user=phone",
            "+919812345678@host",
            "<sip:+919812345678@host>",
            "<tel:+91-98123-45678>;tag=1",
            "<9812345678>",
            "Ravi <9812345678>",
            '"Ravi" <sip:+919812345678@host;user=phone>;tag=1',
            'Ravi Kumar <sip:+919812345678@host>;tag="a>b"',
            '"+918041230000" <sip:+919812345678@host>',
            '"a \\" <sip:1@b>" <sips:09812345678@host>;tag=1',
            '"" <sip:09812345678@host>',
            '"\u0930\u0935\u093f" <tel:+91\u00a098123\u00a045678>',
            '"Anonymous" <sip:+919812345678@host>',
            "\u202asip:+919812345678@host\u202c",
        ),
    ),
    Spelling("<sip:+919812345678@host>, <tel:+919812345678>", is_doubtful=True),
)
"""As URIs and the headers of calls carry them."""

LOST_PLUS = (
    Spelling(" 919812345678"),
    Spelling(" 91 98123-45678"),
    Spelling(" 12015550123", "+12015550123", trimmed=Trimmed("+9112015550123")),
    Spelling(" 442079460018", "+442079460018", trimmed=Trimmed("+91442079460018")),
    Spelling(" 919812345678", region="US", trimmed=IMPOSSIBLE),
    Spelling(" 09812345678"),
    Spelling("  9812345678"),
    Spelling(" 00919812345678"),
    Spelling(" 98123456789012", None),
    Spelling("\u00a012015550123", "+9112015550123"),
    Spelling("sip: 919812345678@host", region="US"),
    Spelling("tel: 919812345678", region="US"),
    Spelling('"Ravi" <sip: 919812345678@host>', region="US"),
    Spelling("tel:98123-45678;phone-context= 91", region="US"),
    Spelling(" 9812345678"),
)
"""With one blank where a query had a + that was not encoded."""

NOTHING = tuple(
    Spelling(text, WITHHELD)
    for text in ("", " ", "\u00a0\u200b\t", "<>", '""', '"Ravi" <>', "sip:", "<sip:@host>", "tel:")
)
"""Says nothing where a caller should be."""

WORDS = tuple(
    Spelling(text, WITHHELD)
    for text in (
        "withheld",
        "anonymous",
        "Anonymous",
        " ANONYMOUS ",
        "restricted",
        "Restricted",
        "unavailable",
        "private",
        "Private Number",
        "unknown",
        "<unknown>",
        "Unknown Caller",
        "No Caller-ID",
        "number withheld",
        "blocked",
        "hidden",
        "anonymous.invalid",
        "anonymous@anonymous.invalid",
        "sip:anonymous@anonymous.invalid",
        "sip:thisis@anonymous.invalid:5060;user=phone",
        "sip:+919812345678@anonymous.invalid",
        "sip:anonymous.invalid",
        "sip:unavailable@unknown.invalid",
        "SIPS:Anonymous@HOST;user=phone",
        "tel:anonymous",
        "<sip:restricted@10.0.0.1>",
        '"Anonymous"',
        '"Anonymous" <sip:anonymous@anonymous.invalid>',
        '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=9802748',
        "Anonymous <sip:c8oqz84zk7z@host>;tag=hyh8",
        '"\uff21nonymous" <sip:anonymous%40host@ANONYMOUS.invalid>',
    )
)
"""Says that the number is withheld, or that nobody has it."""

NEITHER = tuple(
    Spelling(text, None)
    for text in (
        *("abc", "12", "12345", "+12345", "1001", "sip:1001@host", '"Anonymous" <sip:1001@host>'),
        *("98123x45678", "9812345678 ext 5", "+91+9812345678", "9812345678*1", "98123_45678"),
        *("sip:alice@9812345678", '"Ravi" <sip:ravi@host>', "<sip:+919812345678@host", "+", "()"),
        *('"Ravi" 9812345678', "anonymously", "unknown.example", "+91\u0bf09812345678", "1" * 30),
    )
)
"""Says something else: an extension, a name, too many digits, a form that is broken."""

SPELLINGS = (*WRITTEN, *CARRIED, *LOST_PLUS, *NOTHING, *WORDS, *NEITHER)

EMERGENCIES = (
    *((text, "IN") for text in ("112", "1 1 2", "+112", "0112", "00112", "+91112", "91-112")),
    *((text, "IN") for text in ("\uff11\uff11\uff12", "\u09671\u0968", " 112", "  112 ")),
    *((text, "IN") for text in ("tel:112", "tel:112;phone-context=+91", "tel:+91-112;ext=1")),
    *((text, "IN") for text in ("sip:112@host;user=phone", "sip:%2B112@host", "sip: 112@host")),
    *((text, "IN") for text in ('"Help" <sip:112@host>;tag=1', "<tel:112>", "1\u200b12")),
    *((text, "ZA") for text in ("10111", "+27 10111", "<sip:010111@host>", " 10111")),
    *((text, "US") for text in ("911", "9-1-1", "+1 911", "sip:911@host", " 1911")),
)
"""Emergency numbers in the same spellings, with their region."""
