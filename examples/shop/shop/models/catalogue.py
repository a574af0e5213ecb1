"""Categories and products, with every text in French and English."""

from datetime import date
from datetime import datetime

from flask_babel import get_locale
from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKey
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy import false
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column
from sqlalchemy.orm import relationship

from ..clock import now
from .base import Base
from .base import UTCDateTime


def _in_french() -> bool:
    locale = get_locale()
    return locale is not None and locale.language == "fr"


class Category(Base):
    """A shelf of the shop."""

    __tablename__ = "category"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    position: Mapped[int] = mapped_column(default=0)
    name_en: Mapped[str] = mapped_column(String(80))
    name_fr: Mapped[str] = mapped_column(String(80))
    text_en: Mapped[str] = mapped_column(Text, default="")
    text_fr: Mapped[str] = mapped_column(Text, default="")
    #: ``standard`` or ``book``: printed books carry no provincial sales tax.
    tax_class: Mapped[str] = mapped_column(String(20), default="standard")

    products: Mapped[list["Product"]] = relationship(back_populates="category")

    @property
    def name(self) -> str:
        """Return the name in the page's language."""
        return self.name_fr if _in_french() else self.name_en

    @property
    def text(self) -> str:
        """Return the introduction in the page's language."""
        return self.text_fr if _in_french() else self.text_en


class Product(Base):
    """Something to buy; money is in cents of Canadian dollars."""

    __tablename__ = "product"
    __table_args__ = (CheckConstraint("stock >= 0", name="stock"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    sku: Mapped[str] = mapped_column(String(20), unique=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"), index=True)
    brand: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(120))
    name_fr: Mapped[str] = mapped_column(String(120))
    description_en: Mapped[str] = mapped_column(Text)
    description_fr: Mapped[str] = mapped_column(Text)
    price: Mapped[int]
    cost: Mapped[int]
    stock: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    #: May be ordered beyond the stock, for the day it is expected.
    backorder: Mapped[bool] = mapped_column(default=False, server_default=false())
    expected_on: Mapped[date | None]
    #: Is also made in the customer's own measures, at a price that the staff quotes.
    made_to_measure: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: How many were sold; sorts the shelves.
    sold: Mapped[int] = mapped_column(default=0)
    #: Which drawing shows it (``shop.pictures``).
    picture: Mapped[str] = mapped_column(String(40))
    #: Both languages' words without accents (``shop.search``).
    search_text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    category: Mapped[Category] = relationship(back_populates="products", lazy="joined")

    #: pieces that are put aside for others than who is looking, see ``shop.promises``
    promised = 0

    @property
    def left(self) -> int:
        """Return how many pieces are for sale to who is looking."""
        return max(0, self.stock - self.promised)

    @property
    def name(self) -> str:
        """Return the name in the page's language."""
        return self.name_fr if _in_french() else self.name_en

    @property
    def description(self) -> str:
        """Return the description in the page's language."""
        return self.description_fr if _in_french() else self.description_en

    @property
    def available(self) -> bool:
        """Tell whether it can be bought now, be it for later delivery."""
        return self.active and (self.left > 0 or self.backorder)

    @property
    def expected(self) -> date | None:
        """Return the day on which more arrives; a day that has passed is no promise."""
        day = self.expected_on
        return day if day is not None and day >= now().date() else None

    def waiting(self, quantity: int) -> int:
        """Return how many of so many pieces would have to wait for the next delivery."""
        return max(0, quantity - self.left) if self.backorder else 0
