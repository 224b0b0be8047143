"""Words of a title as search tokens: Korean two-syllable grams and whole words, other words as they are. Pure."""

from __future__ import annotations

import re

_WORD = re.compile(r"[가-힣]+|[a-z0-9]+")
_MAX_TOKENS = 400


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def tokens(text: str) -> list[str]:
    """What an index keeps of `text`, sorted and without repetition.

    >>> tokens("도로 포장 A1")
    ['a1', '도로', '포장']
    >>> tokens("경역정비")
    ['경역', '역정', '정비']
    """
    found: set[str] = set()
    for word in _words(text):
        if word[0] < "가" or len(word) == 1:
            found.add(word)
        else:
            found.update(word[i : i + 2] for i in range(len(word) - 1))
    return sorted(found)[:_MAX_TOKENS]


def query_tokens(query: str) -> list[str]:
    """The tokens that every hit must hold. Empty where the query has no letter or figure.

    Single syllables between longer words are left to the recheck, since no index entry need hold them.
    """
    found = tokens(query)
    longer = [token for token in found if len(token) > 1]
    return longer or found
