"""The clock of a stand-in, and the ways in which vendors write an instant.

All instants are whole milliseconds since 1970, UTC.
"""

import calendar
import re
import threading
import time

DAY_MS = 86_400_000


class ServerClock:
    """A clock that may be wrong by a fixed offset, and that a test moves on by hand."""

    def __init__(self, offset_seconds=0.0):
        self._offset_ms = int(offset_seconds * 1000)
        self._lock = threading.Lock()

    def now(self):
        return int(time.time() * 1000) + self._offset_ms

    def advance(self, seconds):
        with self._lock:
            self._offset_ms += int(seconds * 1000)


def utc_ms(instant):
    """`2026-11-01T03:30:17.883Z`: HubSpot, Jiandaoyun."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(instant // 1000)) + f".{instant % 1000:03d}Z"


def utc_no_colon(instant):
    """`2026-11-01T03:30:17.000+0000`: Salesforce, whose offset has no colon and whose stamps are whole seconds."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(instant // 1000)) + ".000+0000"


def with_offset(instant, minutes):
    """`2026-11-01T11:30:17+08:00`: Zoho, in the time zone of the user."""
    shifted = time.gmtime(instant // 1000 + minutes * 60)
    sign = "-" if minutes < 0 else "+"
    return time.strftime("%Y-%m-%dT%H:%M:%S", shifted) + f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def http_date(instant):
    """`Sun, 01 Nov 2026 03:30:17 GMT` (RFC 9110, section 5.6.7)."""
    parts = time.gmtime(instant // 1000)
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[parts.tm_wday]
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[parts.tm_mon - 1]
    return f"{day}, {parts.tm_mday:02d} {month} {parts.tm_year} {time.strftime('%H:%M:%S', parts)} GMT"


_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?(Z|[+-]\d\d:?\d\d)?$")
_HTTP = re.compile(r"\w{3}, (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$")


def parse(text):
    """Reads any of these forms, or milliseconds in digits; None where it is none of them."""
    text = str(text).strip()
    if re.fullmatch(r"-?\d{10,}", text):
        return int(text)
    if match := _HTTP.match(text):
        months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        if match[2] not in months:
            return None
        fields = (int(match[3]), months.index(match[2]) + 1, int(match[1]), int(match[4]), int(match[5]), int(match[6]))
        return calendar.timegm(fields) * 1000
    match = _ISO.match(text)
    if not match:
        return None
    fields = tuple(int(match[index] or 0) for index in range(1, 7))
    fraction = int(((match[7] or "") + "000")[:3])
    zone = match[8] or "Z"
    minutes = 0
    if zone != "Z":
        digits = zone[1:].replace(":", "")
        minutes = (int(digits[:2]) * 60 + int(digits[2:])) * (-1 if zone[0] == "-" else 1)
    return calendar.timegm(fields) * 1000 + fraction - minutes * 60_000
