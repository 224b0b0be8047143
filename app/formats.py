"""How figures and times are spelled for people, in Korean ("ko") and English (else). Pure: no request, no clock.

Money is whole won, instants are aware, rates are thousandths of a percent.
"""

from __future__ import annotations

from datetime import date, datetime

from app.time import KST, kst_date

_DIGITS = "영일이삼사오육칠팔구"
_SMALL_UNITS = ("", "십", "백", "천")
_LARGE_UNITS = ("", "만", "억", "조", "경")
_WEEKDAYS = {"ko": "월화수목금토일", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_THOUSANDS = ("", " thousand", " million", " billion", " trillion", " quadrillion")


def won(amount: int, lang: str) -> str:
    """`1,234,000원`, `₩1,234,000`."""
    return f"{amount:,}원" if lang == "ko" else f"{'-' if amount < 0 else ''}₩{abs(amount):,}"


def won_units(amount: int) -> str:
    """Exact, in Korean units: `12억 3,400만 5,678원`. Nothing is rounded."""
    parts, rest = [], abs(amount)
    for unit in range(len(_LARGE_UNITS) - 1, -1, -1):
        size = 10_000**unit
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count:,}{_LARGE_UNITS[unit]}")
    return ("-" if amount < 0 else "") + (" ".join(parts) or "0") + "원"


def won_short(amount: int, lang: str) -> str:
    """For lists: `12억 3,400만원` (from 억 up rounded to 만, below it exact), `₩1.234 billion` (four digits)."""
    if lang == "ko":
        large = abs(amount) >= 10**8
        return won_units((amount + 5_000) // 10_000 * 10_000 if large else amount)
    if abs(amount) < 10**6:
        return won(amount, lang)
    for unit, size in (("trillion", 10**12), ("billion", 10**9), ("million", 10**6)):
        thousandths = (abs(amount) * 1000 + size // 2) // size
        if thousandths >= 1000:
            whole, part = divmod(thousandths, 1000)
            figure = f"{whole:,}" + (f".{part:03d}".rstrip("0") if part else "")
            return f"{'-' if amount < 0 else ''}₩{figure} {unit}"
    return won(amount, lang)


def won_round(amount: int, lang: str) -> str:
    """A round amount as the law says it: `5천만원`, `1억원`, `50 million won`; any other in digits."""
    if lang != "ko":
        return f"{amount // 10**6:,} million won" if amount and amount % 10**6 == 0 else won(amount, lang)
    for unit, size in (("억", 10**8), ("천만", 10**7)):
        if amount and amount % size == 0:
            return f"{amount // size:,}{unit}원"
    return won(amount, lang)


def won_words(amount: int, lang: str) -> str:
    """In words, as a contract says it: `금 일억이천삼백만원정`, `one hundred and twenty-three million won`.

    Korean keeps every 일, so that no digit can be written in front of it. Raises ValueError on a negative amount.
    """
    if amount < 0:
        raise ValueError("an amount in words is never negative")
    return f"금 {_korean_number(amount)}원정" if lang == "ko" else f"{_english_number(amount)} won"


def _korean_number(number: int) -> str:
    if number == 0:
        return _DIGITS[0]
    words, unit = "", 0
    while number:
        number, group = divmod(number, 10_000)
        if group:
            words = _korean_group(group) + _LARGE_UNITS[unit] + words
        unit += 1
    return words


def _korean_group(group: int) -> str:
    digits = [(group // 10**place) % 10 for place in (3, 2, 1, 0)]
    return "".join(_DIGITS[digit] + _SMALL_UNITS[3 - index] for index, digit in enumerate(digits) if digit)


def _english_number(number: int) -> str:
    if number == 0:
        return _ONES[0]
    groups, unit = [], 0
    while number:
        number, group = divmod(number, 1000)
        if group:
            groups.append(_english_group(group) + _THOUSANDS[unit])
        unit += 1
    return " ".join(reversed(groups))


def _english_group(group: int) -> str:
    hundreds, rest = divmod(group, 100)
    if rest < 20:
        small = _ONES[rest] if rest else ""
    else:
        small = _TENS[rest // 10] + (f"-{_ONES[rest % 10]}" if rest % 10 else "")
    if not hundreds:
        return small
    return f"{_ONES[hundreds]} hundred" + (f" and {small}" if small else "")


def kst(instant: datetime) -> str:
    """`2026-11-23 10:00:00 (UTC+9)`."""
    return instant.astimezone(KST).strftime("%Y-%m-%d %H:%M:%S (UTC+9)")


def kst_micro(instant: datetime) -> str:
    """To the microsecond, for receipts: `2026-11-23 09:59:59.123456 (UTC+9)`."""
    return instant.astimezone(KST).strftime("%Y-%m-%d %H:%M:%S.%f (UTC+9)")


def kst_day(day: date | datetime, lang: str) -> str:
    """`2026-11-23 (월)`, `2026-11-23 (Mon)`; of an instant, its day in Korea."""
    on = kst_date(day) if isinstance(day, datetime) else day
    return f"{on.isoformat()} ({_WEEKDAYS['ko' if lang == 'ko' else 'en'][on.weekday()]})"


def kst_short(instant: datetime, lang: str) -> str:
    """For steps and lists, without the year: `11. 23. 10:00`, `23 Nov 10:00`."""
    local = instant.astimezone(KST)
    day = f"{local.month}. {local.day}." if lang == "ko" else f"{local.day} {_MONTHS[local.month - 1]}"
    return f"{day} {local:%H:%M}"


def duration(seconds: int, lang: str) -> str:
    """The two largest units that matter: `2일 3시간`, `2 days 3 hours`; under an hour minutes and seconds."""
    rest = max(0, seconds)
    parts: list[tuple[int, str, str]] = []
    units = ((86_400, "일", "day"), (3_600, "시간", "hour"), (60, "분", "minute"), (1, "초", "second"))
    for size, korean, english in units:
        count, rest = divmod(rest, size)
        if count or (parts and len(parts) < 2):
            parts.append((count, korean, english))
        if len(parts) == 2:
            break
    told = [part for part in parts if part[0]] or [(0, "초", "second")]
    if lang == "ko":
        return " ".join(f"{count}{korean}" for count, korean, _ in told)
    return " ".join(f"{count} {english}{'' if count == 1 else 's'}" for count, _, english in told)


def relative(instant: datetime, now: datetime, lang: str) -> str:
    """`3시간 5분 후`, `in 2 days`, `4 minutes ago`; within a second of now: `지금`, `now`."""
    seconds = int((instant - now).total_seconds())
    if seconds == 0:
        return "지금" if lang == "ko" else "now"
    told = duration(abs(seconds), lang)
    if lang == "ko":
        return f"{told} {'후' if seconds > 0 else '전'}"
    return f"in {told}" if seconds > 0 else f"{told} ago"


def percent(thousandths: int, digits: int = 3) -> str:
    """`87745` (thousandths of a percent) as `87.745%`; zeros beyond `digits` decimals are cut, other digits never."""
    whole, part = divmod(abs(thousandths), 1000)
    decimals = f"{part:03d}"
    while len(decimals) > digits and decimals.endswith("0"):
        decimals = decimals[:-1]
    return f"{'-' if thousandths < 0 else ''}{whole}{'.' + decimals if decimals else ''}%"


def file_size(size: int) -> str:
    """`0 B`, `999 B`, `1.2 kB`, `3.4 MB`; decimal units, one digit after the point."""
    if size < 1000:
        return f"{size} B"
    for unit, factor in (("kB", 10**3), ("MB", 10**6), ("GB", 10**9)):
        tenths = (size * 10 + factor // 2) // factor
        if tenths < 10_000 or unit == "GB":
            break
    return f"{tenths // 10}.{tenths % 10} {unit}"
