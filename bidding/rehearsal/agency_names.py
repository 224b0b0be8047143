"""English names of agencies that the demonstration may meet in published openings, as they or their places spell them.

Places follow the Revised Romanization of Korean; an agency that is not here keeps its Korean name on English pages.
"""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "경상북도 청송군": "Cheongsong-gun, Gyeongsangbuk-do",
    "한국토지주택공사 대구경북지역본부": "Korea Land & Housing Corporation, Daegu-Gyeongbuk Regional Headquarters",
    "경상북도 영양군": "Yeongyang-gun, Gyeongsangbuk-do",
    "한국토지주택공사 전북지역본부": "Korea Land & Housing Corporation, Jeonbuk Regional Headquarters",
    "경상북도 의성군": "Uiseong-gun, Gyeongsangbuk-do",
    "대구광역시 도시건설본부": "Daegu Metropolitan City, Urban Construction Headquarters",
    "경상북도 안동시": "Andong-si, Gyeongsangbuk-do",
    "경상북도 경주시": "Gyeongju-si, Gyeongsangbuk-do",
    "국군재정관리단": "Armed Forces Financial Management Corps",
    "경상북도 영천시": "Yeongcheon-si, Gyeongsangbuk-do",
    "경상북도 예천군": "Yecheon-gun, Gyeongsangbuk-do",
    "나루시": "Naru-si",
    "가상도 가온시": "Gaon-si, Gasang-do",
    "가상도 나래군": "Narae-gun, Gasang-do",
    "가상도 다온시": "Daon-si, Gasang-do",
    "가상도 라온군": "Raon-gun, Gasang-do",
    "가상도 마루시": "Maru-si, Gasang-do",
}
