"""Fields that several resources share, as JSON has them: checked, described, in both directions."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictInt,
)

from ringfence.model.moments import write_moment
from ringfence.model.sip_answers import MAX_CODE, MAX_PHRASE, MIN_CODE, SipAnswer
from ringfence.model.texts import is_storable

MAX_ID = 2_147_483_647
"""What the store's ids can be: 32 bits."""


class Body(BaseModel):
    """What a caller sends: a field that is not known is a mistake that is told."""

    model_config = ConfigDict(extra="forbid")


class Shown(BaseModel):
    """What a caller is told: every field is always there, and null where there is nothing."""

    model_config = ConfigDict(
        json_schema_serialization_defaults_required=True, json_schema_extra={}
    )


def _read_text(text: str) -> str:
    """Refuse what no database can keep: NUL, which PostgreSQL has not, and half a character."""
    if not is_storable(text):
        raise ValueError("a text has neither NUL nor lone surrogates")
    return text


def _read_moment(value: Any) -> Any:  # noqa: ANN401  whatever JSON holds
    """Take texts alone: a number would be read as seconds, or as milliseconds, by its size."""
    if not isinstance(value, str | datetime) or (isinstance(value, str) and "T" not in value[:11]):
        raise ValueError("a moment is written as in RFC 3339: 2026-12-31T18:00:00+05:30")
    return value


Text = Annotated[str, AfterValidator(_read_text)]
Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_read_moment),
    PlainSerializer(write_moment, return_type=str),
    Field(json_schema_extra={"type": "string", "format": "date-time"}),
]
Id = Annotated[int, Field(ge=1, le=MAX_ID)]


class AnswerFields(Body):
    """The SIP answer that a blocked call gets; without a phrase, the usual one of the code."""

    code: Annotated[StrictInt, Field(ge=MIN_CODE, le=MAX_CODE)]
    phrase: Annotated[Text, Field(min_length=1, max_length=MAX_PHRASE)] | None = None

    def read(self) -> SipAnswer:
        """Return it as core knows it."""
        return SipAnswer(self.code, self.phrase)


class ShownAnswer(Shown):
    """The SIP answer that a blocked call gets."""

    code: int
    phrase: str


def show_answer(answer: SipAnswer) -> ShownAnswer:
    """Write a SIP answer."""
    return ShownAnswer(code=answer.code, phrase=answer.phrase)
