"""What a cart costs at a destination: lines, shipping, taxes, total."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from . import taxes
from .cart import Item
from .discounts import NOTHING
from .discounts import Reduction
from .models import Product
from .shipping import Delivery


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """A cart line with its taxes in cents, in the order of `Quote.taxes`."""

    product: Product
    quantity: int
    #: How many of the pieces wait for the next delivery to the shop.
    waiting: int
    taxes: tuple[int, ...]
    #: What is off the whole line.
    discount: int = 0

    @property
    def total(self) -> int:
        """Return the line's price in cents before discount and tax."""
        return self.quantity * self.product.price

    @property
    def tax(self) -> int:
        """Return all taxes of the line, in cents."""
        return sum(self.taxes)


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One tax over the whole order, shipping included."""

    name: str
    percent: Decimal
    amount: int


@dataclass(frozen=True, slots=True)
class Quote:
    """The whole price of a cart; every amount is in cents."""

    lines: tuple[QuoteLine, ...]
    subtotal: int
    shipping: int
    shipping_tax: int
    taxes: tuple[TaxLine, ...]
    reduction: Reduction = NOTHING

    @property
    def discount(self) -> int:
        """Return what is off the products."""
        return sum(line.discount for line in self.lines)

    @property
    def tax_total(self) -> int:
        """Return the sum of the taxes."""
        return sum(tax.amount for tax in self.taxes)

    @property
    def total(self) -> int:
        """Return what the customer pays."""
        return self.subtotal - self.discount + self.shipping + self.tax_total


def quote(
    items: Sequence[Item],
    country: str,
    region: str,
    delivery: Delivery | None,
    reduction: Reduction = NOTHING,
) -> Quote:
    """Price a cart for a destination; without a delivery, shipping counts as zero."""
    due = taxes.taxes_for(country, region)
    lines = tuple(
        QuoteLine(
            item.product,
            item.quantity,
            item.waiting,
            taxes.amounts(
                due,
                item.total - reduction.lines.get(item.product.id, 0),
                item.product.category.tax_class,
            ),
            reduction.lines.get(item.product.id, 0),
        )
        for item in items
    )
    shipping = delivery.price if delivery else 0
    if reduction.shipping is not None:
        shipping = min(shipping, reduction.shipping)
    on_shipping = taxes.amounts(due, shipping, "standard")
    totals = [
        TaxLine(tax.name, tax.percent, sum(line.taxes[i] for line in lines) + on_shipping[i])
        for i, tax in enumerate(due)
    ]
    subtotal = sum(line.total for line in lines)
    return Quote(lines, subtotal, shipping, sum(on_shipping), tuple(totals), reduction)
