"""Search in French and English at once, blind to accents and to simple plurals."""

from sqlalchemy import Select
from sqlalchemy import case
from sqlalchemy import select

from .models import Product
from .spelling import fold

MAX_WORDS = 8


def searchable(*texts: str) -> str:
    """Return what is kept beside a product so that it can be found; names come first."""
    return " ".join(fold(text) for text in texts)


def words(query: str) -> list[str]:
    """Return the folded words of a query, without their plural endings."""
    return [_singular(word) for word in fold(query).split()][:MAX_WORDS]


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


def matching(query: str) -> Select[Product]:
    """Return the active products that contain every word, best matches first."""
    wanted = words(query)
    found = select(Product).where(Product.active)
    for word in wanted:
        found = found.where(Product.search_text.contains(word, autoescape=True))
    # Names stand at the start of the text, so a first word there is the closest match.
    early = Product.search_text.startswith(" ".join(wanted[:1]), autoescape=True)
    return found.order_by(case((early, 0), else_=1), Product.sold.desc(), Product.id)
