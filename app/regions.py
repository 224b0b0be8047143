"""The regions (시·도) of the Republic of Korea, by their two-digit administrative code (행정구역 코드).

KONEPS limits tenders by these; a supplier's region is that of its registered head office.
"""

from __future__ import annotations

from collections.abc import Mapping

REGIONS: Mapping[str, tuple[str, str]] = {
    "11": ("서울특별시", "Seoul"),
    "26": ("부산광역시", "Busan"),
    "27": ("대구광역시", "Daegu"),
    "28": ("인천광역시", "Incheon"),
    "29": ("광주광역시", "Gwangju"),
    "30": ("대전광역시", "Daejeon"),
    "31": ("울산광역시", "Ulsan"),
    "36": ("세종특별자치시", "Sejong"),
    "41": ("경기도", "Gyeonggi"),
    "51": ("강원특별자치도", "Gangwon"),
    "43": ("충청북도", "North Chungcheong"),
    "44": ("충청남도", "South Chungcheong"),
    "52": ("전북특별자치도", "Jeonbuk"),
    "46": ("전라남도", "South Jeolla"),
    "47": ("경상북도", "North Gyeongsang"),
    "48": ("경상남도", "South Gyeongsang"),
    "50": ("제주특별자치도", "Jeju"),
}


def region_name(code: str, lang: str) -> str:
    """The region's name in `lang` ("ko", anything else is English); an unknown code is shown as it is."""
    names = REGIONS.get(code)
    if names is None:
        return code
    return names[0] if lang.startswith("ko") else names[1]


def region_options(lang: str) -> list[tuple[str, str]]:
    """(code, name) of every region, in the customary order, for a select."""
    return [(code, region_name(code, lang)) for code in REGIONS]
