"""Events that a vendor would send, kept until a test asks for them.

Nothing is sent on its own: a test says when, how often and in which order, so that it can be repeated.
"""

import collections
import json
import urllib.error
import urllib.request

QUEUE_MAXIMUM = 100_000


class Webhooks:
    """The events since they were last delivered, and where they go."""

    def __init__(self, standin):
        self._standin = standin
        self._waiting = collections.deque(maxlen=QUEUE_MAXIMUM)
        self.url, self.secret = "", "standin-webhook-secret"
        self._standin.store.listeners.append(self._note)

    def _note(self, what, record, changed):
        self._waiting.extend(self._standin.events(what, record, changed))

    def forget(self):
        self._waiting.clear()

    def deliver(self, url=None, duplicate=0, shuffle=False, lose=0, send=True):
        """Sends what waits, in the vendor's batches.

        - duplicate: so many events are sent once more; shuffle: in any order; lose: so many are not sent.
        - send: false only tells what would be sent, signed for the url.
        Returns each batch as headers, target, body and the status that it was answered with (0: nobody answered).
        """
        url = url or self.url
        with self._standin.lock:
            events = list(self._waiting)
            self._waiting.clear()
            chance = self._standin.random
            events = events[: max(0, len(events) - lose)]
            events += [chance.choice(events) for _ in range(duplicate)] if events else []
            if shuffle:
                chance.shuffle(events)
            batches = self._standin.webhook_batches(events)
            prepared = []
            for content in batches:
                body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
                target, headers = self._standin.webhook_signed(url, body, self.secret)
                prepared.append({"url": target, "headers": headers, "body": body.decode(), "status": 0})
        for batch in prepared if send and url else []:
            batch["status"] = self._post(batch)
        return prepared

    @staticmethod
    def _post(batch):
        request = urllib.request.Request(batch["url"], batch["body"].encode(), {"Content-Type": "application/json"} | batch["headers"], method="POST")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0
