"""What tests of this shop share: settings, an address, cards, and a browser that knows CSRF."""

import re
from collections.abc import Mapping
from pathlib import Path

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from .seed.accounts import PASSWORD

ADDRESS = {
    "email": "Ana.Gil@example.org",
    "name": "Ana Gil",
    "company": "",
    "line1": "12 rue du Quai",
    "line2": "",
    "city": "Rimouski",
    "country": "CA",
    "region": "QC",
    "postcode": "g5l1a1",
    "phone": "",
}
CARD = {"method": "card", "number": "4242 4242 4242 4242", "expiry": "04/39", "code": "123"}
DECLINED = {**CARD, "number": "4000 0000 0000 0002"}


class Browser:
    """A test client that follows forms: each post carries the page's CSRF token."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **kwargs: object) -> TestResponse:
        """Load a page."""
        return self.client.get(path, **kwargs)

    def text(self, path: str) -> str:
        """Return the text of a page that must be there."""
        response = self.client.get(path, follow_redirects=True)
        _expect(response.status_code == 200, f"{path}: {response.status}")
        return response.get_data(as_text=True)

    def post(self, path: str, data: Mapping[str, object] | None = None) -> TestResponse:
        """Send a form with the token of the sign-up or account page."""
        page = self.client.get("/sign-up", follow_redirects=True).get_data(as_text=True)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        _expect(found is not None, "a page with a form")
        return self.client.post(
            path, data={"csrf_token": found[1] if found else "", **(data or {})}
        )

    def login(self, email: str, password: str = PASSWORD) -> TestResponse:
        """Sign in."""
        return self.post("/login", {"email": email, "password": password})

    def to_payment(self, **changes: str) -> None:
        """Fill in the address and take the cheapest carrier."""
        answer = self.post("/checkout", {**ADDRESS, **changes})
        _expect(answer.location == "/checkout/delivery", answer.get_data(as_text=True))
        page = self.text("/checkout/delivery")
        method = re.search(r'name="method" value="(\w+)" checked', page)
        _expect(method is not None, "a carrier that is chosen already")
        self.post("/checkout/delivery", {"method": method[1] if method else ""})

    def order(self, payment: Mapping[str, str] = CARD) -> str:
        """Place the order and return its public id."""
        page = self.text("/checkout/payment")
        promise = re.search(r'name="promise" value="([^"]*)"', page)
        data = {"promise": promise[1] if promise else "", **payment}
        answer = self.post("/checkout/payment", data)
        _expect(answer.status_code == 302, answer.get_data(as_text=True))
        return answer.location.rsplit("/", 1)[1]


def _expect(condition: bool, message: str) -> None:
    if not condition:
        raise AssertionError(message)


def settings(path: Path) -> dict[str, object]:
    """Return the configuration of a test shop."""
    return {
        "TESTING": True,
        "WITH_GRC": False,
        "SECRET_KEY": "for tests only",
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}",
    }
