"""How an answer goes with time: each course takes the lasting answer and a moment, and returns what is given then."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sample_portal.catalogue import Moment, Response

Course = Callable[[Response, Moment], Response]


def during(begins: datetime, ends: datetime | None, other: Response) -> Course:
    """Give `other` from a moment until another (for good where None), the lasting answer before and after."""

    def course(lasting: Response, moment: Moment) -> Response:
        return other if begins <= moment.now and (ends is None or moment.now < ends) else lasting

    return course


def first_calls(calls: int, course: Course) -> Course:
    """Follow `course` for so many first calls of each moment only."""

    def first(lasting: Response, moment: Moment) -> Response:
        return course(lasting, moment) if moment.call < calls else lasting

    return first


def in_turn(courses: Sequence[Course]) -> Course:
    """Follow the first of several courses that gives another answer than the lasting one."""

    def course(lasting: Response, moment: Moment) -> Response:
        answers = (each(lasting, moment) for each in courses)
        return next((answer for answer in answers if answer is not lasting), lasting)

    return course


def odd_hours(begins: datetime, other: Response) -> Course:
    """Give `other` in each odd hour (1 to 2 o'clock, 3 to 4, and so on) of the zone of `begins`, from then on."""

    def course(lasting: Response, moment: Moment) -> Response:
        hour = moment.now.astimezone(begins.tzinfo).hour
        return other if moment.now >= begins and hour % 2 else lasting

    return course


def written_daily(begins: datetime, writer: Callable[[int], bytes]) -> Course:
    """Give another body each day, written for the number of days since `begins`, and changed when the day began."""

    def course(lasting: Response, moment: Moment) -> Response:
        day = (moment.now - begins).days
        return replace(lasting, body=partial(writer, day), modified=begins + timedelta(days=day))

    return course


def stamped_hourly(lasting: Response, moment: Moment) -> Response:
    """Give the same body always, and say that it was changed at the last full hour."""
    return replace(lasting, modified=moment.now.replace(minute=0, second=0, microsecond=0))
