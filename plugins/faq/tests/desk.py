"""Staff at the console: read a page's form, fill it in as a browser does, press buttons."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

FAQ = "/grc/admin/faq"


class _Form(HTMLParser):
    """The fields of the form that a page draws from a schema."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._inside = False
        self._area = self._select = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = found.get("class") == "form"
        elif self._inside and tag == "input" and found.get("type") != "checkbox":
            self.fields[found["name"]] = found.get("value", "")
        elif self._inside and tag == "textarea":
            self._area = found["name"]
            self.fields[self._area] = ""
        elif self._inside and tag == "select":
            self._select = found["name"]
            self.fields[self._select] = ""
        elif self._inside and tag == "option" and "selected" in found:
            self.fields[self._select] = found["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.fields[self._area] = self.fields[self._area].removeprefix("\n")
            self._area = ""
        self._inside = self._inside and tag != "form"

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data


class Desk:
    """A member of the staff, by default the owner."""

    def __init__(self, app: Any, id: str = "boss") -> None:
        self.client = app.visitor(id)
        self.client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"

    def see(self, page: str) -> str:
        """Return a page of the plugin."""
        found = self.client.get(f"{FAQ}/{page}")
        assert found.status_code == 200, found.text
        return str(found.text)

    def form(self, page: str) -> dict[str, str]:
        """Return what a page's form would send as it is."""
        return _Form(self.see(page)).fields

    def save(self, page: str, form: dict[str, str] | None = None, **changes: str) -> Any:
        """Send a page's form with some changes, and return what came of it."""
        sent = (form or self.form(page)) | changes
        return self.client.post(f"{FAQ}/{page}", data=sent, follow_redirects=True)

    def press(self, page: str, action: str, *ids: object) -> str:
        """Press a button of a page, for chosen rows of a table."""
        token = re.search(r'name="_token" value="([^"]*)"', self.see(page))
        sent = {"_token": token[1] if token else "", "_action": action, "_id": list(ids)}
        return str(self.client.post(f"{FAQ}/{page}", data=sent, follow_redirects=True).text)

    def undo(self, page: str) -> str:
        """Press the button that takes back what a page says was done."""
        form = re.search(r'<form[^>]*action="([^"]*)"[^>]*>((?:(?!</form>).)*Undo.*?)</form>',
                         page, re.DOTALL)  # fmt: skip
        assert form, "there is nothing to undo"
        sent: dict[str, list[str]] = {}
        for tag in re.findall(r"<(?:input|button)[^>]*>", form[2]):
            name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
            if name and value:
                sent.setdefault(name[1], []).append(unescape(value[1]))
        return str(self.client.post(form[1], data=sent, follow_redirects=True).text)
