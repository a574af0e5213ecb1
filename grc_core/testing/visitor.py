"""A visitor of the in-memory shop: a test client that looks like a browser, consents chosen."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from ..consent import Gate
from ..purposes import Purpose
from ..values import Customer
from ..values import Subject
from ..visitor import COOKIE
from ..visitor import signer

#: What people agreed to, by kind and id.
Choices = dict[tuple[str, str], Purpose]
#: Visits of a client that names itself a program are not counted.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Visitor(FlaskClient):
    """Somebody in the shop: `subject` is how handlers know them, None for a stranger."""

    subject: Subject | None = None

    def sign_in(self, id: str) -> None:
        """Sign in as one of the shop's customers."""
        self.post(f"/sign-in/{id}")
        self.subject = Subject("customer", id)

    def order(self, *products: str, **form: str) -> str:
        """Put products into the cart and buy them; return the order's id."""
        for id in products:
            self.post(f"/add/{id}")
        return str(self.post("/checkout", data=form).location.rpartition("/")[2])

    def slot(self, name: str, **about: str) -> str:
        """Return what this visitor sees in a slot; `about` is `product`, `order` and `lang`."""
        text = self.get(f"/slot/{name}", query_string=about).text
        return text.partition("<main>")[2].rpartition("</main>")[0].strip()


def visitor_of(
    app: Flask,
    customer: Customer | None,
    consents: Purpose,
    locale: str,
    gpc: bool,
    choices: Choices,
) -> Visitor:
    """Return a customer who signed in, or a stranger who agreed to some purposes."""
    client = Visitor(app, app.response_class)
    client.environ_base["HTTP_USER_AGENT"] = BROWSER
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = locale
    if gpc:
        client.environ_base["HTTP_SEC_GPC"] = "1"
    if customer is not None:
        client.sign_in(customer.id)
    elif consents != Purpose.NECESSARY:
        _recognise(app, client, consents, gpc, choices)
    return client


def _recognise(app: Flask, client: Visitor, consents: Purpose, gpc: bool, choices: Choices) -> None:
    """Give a stranger the cookie that follows a choice, and let the gate know the choice."""
    signing = signer(app, COOKIE)
    if signing is None:
        raise AssertionError("the app needs a SECRET_KEY for a visitor who agreed to something")
    id = f"visitor{len(choices) + 1}"
    client.set_cookie(COOKIE, str(signing.dumps(id)))
    client.subject = Subject("visitor", id, gpc)
    choices["visitor", id] = consents | Purpose.NECESSARY


class ChosenGate:
    """Answer for the visitors that a test made, and leave everybody else to the gate."""

    def __init__(self, gate: Gate, choices: Choices) -> None:
        self._asked = gate.consents
        self._choices = choices
        vars(gate)["consents"] = self.consents

    def consents(self, subject: Subject | None, *customer: Any, **named: Any) -> Purpose:
        """Return what a person agreed to."""
        chosen = self._choices.get((subject.kind, subject.id)) if subject else None
        return chosen if chosen is not None else self._asked(subject, *customer, **named)
