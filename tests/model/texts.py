"""Texts to judge: near misses of what a rule allows, and whatever else Unicode has."""

import string

from hypothesis import strategies as st

LETTERS_AND_DIGITS = string.ascii_letters + string.digits
FULL_WIDTH_DIGITS = "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19"
ARABIC_INDIC_DIGITS = "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669"
FULL_WIDTH_A = "\uff21"
ODD = (
    "+-_.@,: \t\n\r\0\x1f\x7f/\\\"'%~!éßİ²½"
    "\u00a0\u00ad\u200b\u2028\u3000\ufeff\U0001f642"
    f"{FULL_WIDTH_DIGITS[3]}{ARABIC_INDIC_DIGITS[3]}{FULL_WIDTH_A}"
)


def texts_like(alphabet: str, longest: int) -> st.SearchStrategy[str]:
    """Return texts of `alphabet`, such texts with one odd character in them, and any others."""
    plain = st.text(alphabet, max_size=longest + 3)
    one_odd = st.tuples(plain, st.sampled_from(ODD), plain).map("".join)
    odd_last = st.tuples(plain, st.sampled_from(ODD)).map("".join)
    mixed = st.text(alphabet + ODD, max_size=longest + 3)
    anything = st.text(max_size=longest + 3)
    return st.one_of(plain, one_odd, odd_last, mixed, anything)
