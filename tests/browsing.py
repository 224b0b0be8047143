"""Browser contexts that one test after another uses: each as empty as a new one, for half of its cost.

A page in a context that is new needs a process started for it alone; in one that has been there, Chromium has it ready.
"""

from __future__ import annotations

import json
from typing import Any

DEFAULT_MS = 30_000


class Contexts:
    """The contexts of one browser, by their options; `base_url` is the one address that the tests serve."""

    def __init__(self, browser: Any, base_url: str) -> None:
        self._browser, self._base_url = browser, base_url
        self._free: dict[str, list[Any]] = {}
        self._lent: list[tuple[str, Any]] = []

    def new_page(self, **options: Any) -> Any:
        """A page in a context of its own: no cookie, nothing stored, nothing cached, no permission."""
        chosen = {"base_url": self._base_url, "locale": "ko-KR", "timezone_id": "Asia/Seoul"} | options
        kind = json.dumps(chosen, sort_keys=True)
        waiting = self._free.get(kind)
        context = waiting.pop() if waiting else self._browser.new_context(**chosen)
        context.set_default_timeout(DEFAULT_MS)
        self._lent.append((kind, context))
        page = context.new_page()
        if waiting is not None:
            self._empty(context, page)
        return page

    def give_back(self) -> None:
        """Close what a test opened. Its contexts wait for the next one."""
        for kind, context in self._lent:
            for page in context.pages:
                page.close()
            self._free.setdefault(kind, []).append(context)
        self._lent.clear()

    def _empty(self, context: Any, page: Any) -> None:
        """What the last test left: it is taken away when no page of that test can write it anew."""
        context.clear_cookies()
        context.clear_permissions()
        context.set_offline(False)
        tools = context.new_cdp_session(page)
        tools.send("Storage.clearDataForOrigin", {"origin": self._base_url, "storageTypes": "all"})
        tools.send("Network.clearBrowserCache")
        tools.detach()
