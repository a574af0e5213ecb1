"""What the engine refuses."""


class InvalidCart(ValueError):
    """A cart that cannot be priced: a quantity, an amount or a currency makes no sense."""


class InvalidPromotion(ValueError):
    """A promotion that says something impossible; the message names it and what is wrong."""
