"""What a vendor allows in how much time."""

import collections

from .clock import DAY_MS


class RollingLimit:
    """So many requests in any so many milliseconds."""

    def __init__(self, count, interval_ms):
        self.count, self.interval_ms = count, interval_ms
        self._taken = collections.deque()

    def take(self, now, cost=1):
        """Whether the request is within the limit; one that is not costs nothing."""
        while self._taken and self._taken[0] <= now - self.interval_ms:
            self._taken.popleft()
        if len(self._taken) + cost > self.count:
            return False
        self._taken.extend([now] * cost)
        return True

    def remaining(self):
        return max(0, self.count - len(self._taken))

    def wait_ms(self, now):
        """How long until another request may be within the limit."""
        return max(0, self._taken[0] + self.interval_ms - now) if self._taken else 0


class DailyQuota:
    """So many requests in a day of the account's time zone."""

    def __init__(self, count, zone_minutes=0):
        self.count, self.zone_minutes = count, zone_minutes
        self.used, self._day = 0, None

    def _turn(self, now):
        day = (now + self.zone_minutes * 60_000) // DAY_MS
        if day != self._day:
            self.used, self._day = 0, day

    def take(self, now, cost=1):
        self._turn(now)
        if self.used + cost > self.count:
            return False
        self.used += cost
        return True

    def spend(self, now):
        """Leaves nothing until the day ends."""
        self._turn(now)
        self.used = self.count

    def remaining(self, now):
        self._turn(now)
        return self.count - self.used

    def reset_ms(self, now):
        """When the next day begins."""
        zone = self.zone_minutes * 60_000
        return ((now + zone) // DAY_MS + 1) * DAY_MS - zone


class Tokens:
    """Tokens that were given out and the time until which each is good."""

    def __init__(self, random):
        self._random, self._until = random, {}

    def issue(self, now, lifetime_ms, prefix=""):
        token = prefix + f"{self._random.getrandbits(160):040x}"
        self._until[token] = now + lifetime_ms
        return token

    def is_good(self, token, now):
        return self._until.get(token, 0) > now

    def is_known(self, token):
        return token in self._until

    def expire_all(self):
        self._until = {token: 0 for token in self._until}
