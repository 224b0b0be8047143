"""Standing texts of contracts and words for their closed vocabularies, in both languages. Pure.

They go into documents that keep their wording for good; pages translate through the catalogue instead.
"""

from __future__ import annotations

from app.documents.wording import wording

KINDS = {"goods": ("물품", "Goods"), "services": ("용역", "Services"), "works": ("공사", "Works")}
REGIMES = {
    "national": ("국가를 당사자로 하는 계약에 관한 법률", "Act on Contracts to Which the State Is a Party"),
    "local": (
        "지방자치단체를 당사자로 하는 계약에 관한 법률",
        "Act on Contracts to Which a Local Government Is a Party",
    ),
}
DELAY_CLASSES = {
    "works": ("공사", "works"),
    "goods": ("물품의 제조·구매", "goods"),
    "goods-designed": ("설계승인을 받아 제조하는 물품", "goods made to an approved design"),
    "services": ("용역 및 그 밖의 계약", "services and other contracts"),
    "food": ("군용 음식료품", "food for the armed forces"),
    "transport": ("운송·보관 및 양곡가공", "transport and storage"),
}


def default_payment_terms(lang: str, working_days: int) -> str:
    """What the law gives where the parties agree nothing else."""
    return wording(lang)(
        f"검사에 합격한 후 대금 청구를 받은 날부터 {working_days}일(공휴일과 토요일 제외) 이내에 지급한다.",
        f"Paid within {working_days} days (holidays and Saturdays not counted) of the invoice that follows a passed "
        "inspection.",
    )
