"""What the plugin shows on the shop's own pages."""

from flask import has_request_context
from flask import request
from markupsafe import Markup

import grc_core as grc

from . import texts
from .base import Base


class Widgets(Base):
    """Answers where the questions come up."""

    @grc.widget("product.details", public=True)
    def about_product(self, page: grc.Page) -> Markup | None:
        """Show what was asked about a product, and where to ask more."""
        product = page.product
        if product is None:
            return None
        found = self.library.about(page.locale, product.id)
        return self.render("about_product.html", articles=found[:5], product=product)

    @grc.widget("cart.below", "checkout.summary", public=True, priority=80)
    def before_buying(self, page: grc.Page) -> Markup | None:
        """Answer what people ask before they pay."""
        wanted = ("delivery", "payment") if page.slot == "cart.below" else ("payment", "returns")
        library = self.library
        found = [one for name in wanted for one in library.most_helpful(page.locale, name)[:2]]
        return self.render("before_buying.html", articles=found) if found else None

    @grc.widget("help.main", public=True)
    def help_box(self, page: grc.Page) -> Markup:
        """Offer the search, and what is asked most."""
        sections = self.library.sections(page.locale)
        articles = [article for _, some in sections for article in some[:1]]
        return self.render("help_box.html", articles=articles, query="", lang=page.locale)

    @grc.widget("search.empty", public=True)
    def after_empty_search(self, page: grc.Page) -> Markup:
        """Answer a search of the shop that found no product."""
        name = self.settings.search_parameter
        query = texts.one_line(request.args.get(name), texts.QUERY) if has_request_context() else ""
        articles = self.good(page.locale, query) if query else []
        return self.render("help_box.html", articles=articles, query=query, lang=page.locale)
