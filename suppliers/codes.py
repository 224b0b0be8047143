"""Code lists as data: business-licence codes (업종코드) of the national e-procurement system, and laws of sanctions.

A small part of the whole list: what ordinary works, service and goods tenders ask for most. A supplier may register
any other four-digit code with its name. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

# code: (name ko, name en)
LICENCES: Mapping[str, tuple[str, str]] = {
    "0001": ("토목공사업", "Civil engineering works"),
    "0002": ("건축공사업", "Building works"),
    "0003": ("토목건축공사업", "Civil engineering and building works"),
    "0004": ("조경공사업", "Landscaping works"),
    "0005": ("산업·환경설비공사업", "Industrial and environmental plant works"),
    "0036": ("정보통신공사업", "Information and communication works"),
    "0037": ("전기공사업", "Electrical works"),
    "0040": ("전문소방시설공사업", "Specialised fire-protection works"),
    "1162": ("건물위생관리업", "Building cleaning and hygiene"),
    "1164": ("시설경비업", "Facility guarding"),
    "1169": ("학술·연구용역", "Academic and research services"),
    "1261": ("종합여행업", "General travel agency"),
    "1426": ("소프트웨어사업자(패키지소프트웨어개발·공급사업)", "Software business (packaged software)"),
    "1468": ("소프트웨어사업자(컴퓨터관련서비스사업)", "Software business (computer services)"),
    "1469": ("소프트웨어사업자(디지털콘텐츠개발서비스사업)", "Software business (digital content)"),
    "1470": ("소프트웨어사업자(데이터베이스제작및검색서비스사업)", "Software business (databases)"),
    "1517": ("출판사", "Publishing"),
    "4442": ("산업디자인전문회사(환경디자인분야)", "Industrial design firm (environmental)"),
    "4444": ("산업디자인전문회사(종합디자인분야)", "Industrial design firm (general)"),
    "4966": ("건설엔지니어링업(종합)", "Construction engineering (general)"),
    "4967": ("건설엔지니어링업(설계·사업관리-일반)", "Construction engineering (design and management, general)"),
    "4969": (
        "건설엔지니어링업(설계·사업관리-건설사업관리)",
        "Construction engineering (design and management, construction)",
    ),
    "4990": ("실내건축공사업", "Interior works"),
    "5720": ("국제회의기획업", "International convention planning"),
    "6529": ("이러닝서비스업", "E-learning services"),
    "9901": ("기타자유업(행사대행업)", "Other free business (event agency)"),
    "9999": ("기타자유업종", "Other free business"),
}

# The laws under which an agency may bar a supplier (부정당업자 입찰참가자격 제한): key: (name ko, name en, article)
SANCTION_LAWS: Mapping[str, tuple[str, str, str]] = {
    "state": ("국가를 당사자로 하는 계약에 관한 법률", "Act on Contracts to Which the State Is a Party", "제27조"),
    "local": (
        "지방자치단체를 당사자로 하는 계약에 관한 법률",
        "Act on Contracts to Which a Local Government Is a Party",
        "제31조",
    ),
    "public-institution": ("공공기관의 운영에 관한 법률", "Act on the Management of Public Institutions", "제39조"),
    "fair-trade": ("하도급거래 공정화에 관한 법률", "Fair Transactions in Subcontracting Act", "제26조"),
}


def licence_name(code: str, lang: str, name_ko: str = "", name_en: str = "") -> str:
    """The name of a licence in `lang`: the list's where the code is known, else what was registered with it."""
    ko, en = LICENCES.get(code, (name_ko, name_en or name_ko))
    return ko if lang.startswith("ko") else en


def law_name(law: str, lang: str) -> str:
    """The name of a sanction's law in `lang`; an unknown key is shown as it is."""
    ko, en, _ = SANCTION_LAWS.get(law, (law, law, ""))
    return ko if lang.startswith("ko") else en
