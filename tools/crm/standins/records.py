"""The records that a stand-in holds, in memory.

A record has a stamp of the server's clock. It may be seen later than it was written: `Store.lag_ms` keeps what a search shows behind by
that much, as the index of a real system is.
"""

import bisect
import copy

from .conditions import And, lowest_id, spans, stamp_range


class Record:
    """One record. `order` is its id in the form that ids are compared by."""

    __slots__ = (
        "kind", "id", "order", "fields", "created", "modified", "deleted", "is_purged", "merged_into", "actor", "creator", "history",
        "visible", "earlier",
    )

    def __init__(self, kind, identifier, order, fields, stamp, actor):
        self.kind, self.id, self.order, self.fields = kind, identifier, order, fields
        self.created = self.modified = stamp
        self.deleted, self.is_purged, self.merged_into = None, False, None
        self.creator = self.actor = actor
        # Per field: earlier and present values as (value, stamp, actor), oldest first; only of fields that have changed.
        self.history = {}
        self.visible, self.earlier = 0, None

    @property
    def is_live(self):
        return self.deleted is None and self.merged_into is None


class Store:
    """All records of all kinds, and the links between them. The caller holds the lock of the stand-in."""

    def __init__(self, clock, make_id, order_of):
        self.clock, self._make_id, self._order_of = clock, make_id, order_of
        self.kinds = {}
        self.links = {}
        self.lag_ms = 0
        # Stamps are whole multiples of this: some vendors keep seconds.
        self.resolution_ms = 1
        self.late_ms = lambda: 0
        self.version = 0
        self.listeners = []
        self._sorted, self._next_number = {}, {}

    # Reading

    def find(self, kind, identifier):
        """The record of that id, whatever became of it; None where there was none."""
        return self.kinds.get(kind, {}).get(identifier)

    def all(self, kind):
        return list(self.kinds.get(kind, {}).values())

    def live(self, kind):
        """Live records in the order of ids."""
        return [entry[1] for entry in self._by_id(kind)]

    def by_value(self, kind, field, value):
        """The live record whose field has that value, without regard to case."""
        index = self._cached(("value", kind, field), lambda: self._value_index(kind, field))
        return index.get(str(value).casefold())

    def in_order(self, kind, condition=None, limit=None):
        """Matching live records in the order of ids, at most `limit`."""
        condition = condition or And()
        entries = self._by_id(kind)
        bound = lowest_id(condition)
        begin = 0 if bound is None else bisect.bisect_left(entries, (bound,))
        stamps = stamp_range(condition) if limit is None else None
        if stamps is not None:
            low, high = stamps
            found = [entry[1] for entry in entries[begin:] if low <= entry[1].modified <= high]
            return found if not found or condition.matches(found[0]) else found[1:]
        found = []
        for place in range(begin, len(entries)):
            record = entries[place][1]
            if condition.matches(record):
                found.append(record)
                if limit is not None and len(found) >= limit:
                    break
        return found

    def select(self, kind, condition=None, is_indexed=False):
        """All matching live records in the order of (stamp, id).

        - is_indexed: as the search index shows them, which may lag.
        """
        condition = condition or And()
        entries = self._indexed(kind) if is_indexed and self.lag_ms else self._by_stamp(kind)
        places = spans(condition, entries)
        if places is None:
            return [entry[2] for entry in entries if condition.matches(entry[2])]
        return [entry[2] for begin, end in places for entry in entries[begin:end]]

    def _by_id(self, kind):
        return self._cached(("id", kind), lambda: sorted(
            ((record.order, record) for record in self.all(kind) if record.is_live), key=lambda entry: entry[0]))

    def _by_stamp(self, kind):
        return self._cached(("stamp", kind), lambda: sorted(
            ((record.modified, record.order, record) for record in self.all(kind) if record.is_live), key=lambda entry: entry[:2]))

    def _indexed(self, kind):
        now = self.clock.now()
        shown = (record if record.visible <= now else record.earlier for record in self.all(kind))
        return sorted(
            ((record.modified, record.order, record) for record in shown if record is not None and record.is_live),
            key=lambda entry: entry[:2])

    def _value_index(self, kind, field):
        index = {}
        for record in self.all(kind):
            value = record.fields.get(field)
            if record.is_live and value not in (None, ""):
                index.setdefault(str(value).casefold(), record)
        return index

    def _cached(self, key, make):
        held = self._sorted.get(key)
        if held is None or held[0] != self.version:
            held = (self.version, make())
            self._sorted[key] = held
        return held[1]

    # Writing

    def create(self, kind, fields, stamp=None, actor=None, identifier=None):
        number = self._next_number.get(kind, 0)
        self._next_number[kind] = number + 1
        identifier = identifier or self._make_id(kind, number)
        stamp = self._stamp(stamp)
        record = Record(kind, identifier, self._order_of(identifier), dict(fields), stamp, actor)
        if self.lag_ms:
            record.visible = self.clock.now() + self.lag_ms
        self.kinds.setdefault(kind, {})[identifier] = record
        self._written("create", record, {})
        return record

    def update(self, record, fields, stamp=None, actor=None):
        """Changes fields; a field that has the value already is left alone. The stamp moves in any case."""
        self._keep_earlier(record)
        stamp = self._stamp(stamp)
        changed = {}
        for name, value in fields.items():
            held = record.fields.get(name)
            if held == value:
                continue
            changed[name] = value
            past = record.history.setdefault(name, [] if held is None else [(held, record.created, record.creator)])
            past.append((value, stamp, actor))
            record.fields[name] = value
        record.modified = stamp
        record.actor = actor
        self._written("update", record, changed)

    def delete(self, record, stamp=None, actor=None, purge=False):
        self._keep_earlier(record)
        record.deleted = self._stamp(stamp)
        record.modified = record.deleted
        record.is_purged, record.actor = record.is_purged or purge, actor
        self._written("delete", record, {})

    def restore(self, record, stamp=None, actor=None):
        self._keep_earlier(record)
        record.deleted = None
        record.modified = self._stamp(stamp)
        record.actor = actor
        self._written("restore", record, {})

    def merge(self, winner, loser, stamp=None, actor=None):
        """Fills the winner's empty fields from the loser, which is gone from then on and whose id names the winner."""
        filled = {name: value for name, value in loser.fields.items() if winner.fields.get(name) in (None, "")}
        self._keep_earlier(loser)
        loser.merged_into = winner.id
        loser.modified = self._stamp(stamp)
        self.update(winner, filled, stamp=loser.modified, actor=actor)
        self._written("merge", winner, {"loser": loser.id})

    def settle(self, kind, identifier):
        """The record that an id means after merges; None where there was none."""
        record = self.find(kind, identifier)
        while record is not None and record.merged_into is not None:
            record = self.find(kind, record.merged_into)
        return record

    def _stamp(self, given=None):
        stamp = self.clock.now() - self.late_ms() if given is None else given
        return stamp - stamp % self.resolution_ms

    def _keep_earlier(self, record):
        now = self.clock.now()
        if self.lag_ms and record.visible <= now:
            record.earlier = copy.copy(record)
            record.earlier.fields = dict(record.fields)
            record.visible = now + self.lag_ms

    def _written(self, what, record, changed):
        self.version += 1
        for listener in self.listeners:
            listener(what, record, changed)

    # Links: (kind, id) -> {(kind, id): set of labels}

    def link(self, one, other, label=None, back_label=None):
        self.links.setdefault(one, {}).setdefault(other, set()).add(label)
        self.links.setdefault(other, {}).setdefault(one, set()).add(back_label)

    def unlink(self, one, other):
        self.links.get(one, {}).pop(other, None)
        self.links.get(other, {}).pop(one, None)

    def linked(self, one, kind):
        """What a record is linked to among one kind: `[(id, labels)]` in the order of ids."""
        found = [(other[1], labels) for other, labels in self.links.get(one, {}).items() if other[0] == kind]
        return sorted(found, key=lambda pair: self._order_of(pair[0]))
