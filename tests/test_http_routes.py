"""Pages of plugins below `/grc`, and their errors, which are never the shop's."""

from typing import Any

import pytest
from flask import Flask
from flask import abort
from flask import redirect
from flask import url_for
from markupsafe import Markup
from sqlalchemy import text

from grc_core import Plugin
from grc_core import route

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")


class Pages(Plugin):
    """Have pages."""

    name = "pages"

    @route("/hello")
    def hello(self) -> Markup:
        return Markup("<p>hello</p>")

    @route("/plain/<int:number>")
    def plain(self, number: int) -> str:
        return f"number {number}"

    @route("/kept")
    def kept(self) -> Any:
        return "kept", 200, {"Cache-Control": "public, max-age=60"}

    @route("/data")
    def data(self) -> dict[str, int]:
        return {"a": 1}

    @route("/write", methods=("POST",))
    def write(self) -> str:
        self._insert()
        return "written"

    @route("/fail", methods=("GET", "POST"))
    def fail(self) -> str:
        self._insert()
        raise ValueError("a secret")

    @route("/fail/<token>")
    def fail_for(self, token: str) -> str:
        raise ValueError("this page fails")

    @route("/gone", methods=("GET", "POST"))
    def gone(self) -> str:
        self._insert()
        abort(410)

    @route("/away")
    def away(self) -> Any:
        return redirect("/")

    @route("/abort-away")
    def abort_away(self) -> Any:
        abort(redirect("/elsewhere"))

    @route("/nothing")
    def nothing(self) -> Any:
        return None

    @route("/often", limit="2/minute")
    def often(self) -> str:
        return "again"

    @route("/two-a")
    @route("/two-b")
    def two(self) -> str:
        return "two"

    def _insert(self) -> None:
        self.session.execute(text("INSERT INTO grc_core__counter VALUES ('written', 1)"))


def written(app: Flask) -> bool:
    with app.extensions["grc"].database.read() as connection:
        query = "SELECT count(*) FROM grc_core__counter WHERE name = 'written'"
        return bool(connection.execute(text(query)).scalar())


@pytest.fixture
def app(mini: Any) -> Flask:
    made: Flask = mini.make_app([Pages])
    return made


def test_a_page_is_html(app: Flask) -> None:
    response = app.test_client().get("/grc/pages/hello")
    assert response.text == "<p>hello</p>"
    assert response.content_type == "text/html; charset=utf-8"


def test_a_page_takes_parts_of_its_address(app: Flask) -> None:
    assert app.test_client().get("/grc/pages/plain/7").text == "number 7"
    assert app.test_client().get("/grc/pages/plain/x").status_code == 404


def test_a_page_is_private_unless_the_plugin_says_otherwise(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/grc/pages/hello").headers["Cache-Control"] == "private, no-store"
    assert client.get("/grc/pages/kept").headers["Cache-Control"] == "public, max-age=60"


def test_a_page_may_answer_what_a_view_may(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/grc/pages/data").json == {"a": 1}
    assert client.get("/grc/pages/away").location == "/"
    assert client.get("/grc/pages/abort-away").location == "/elsewhere"


def test_a_method_may_have_two_addresses(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/grc/pages/two-a").text == client.get("/grc/pages/two-b").text == "two"


def test_what_a_page_writes_is_committed(app: Flask) -> None:
    headers = {"Sec-Fetch-Site": "same-origin"}
    assert app.test_client().post("/grc/pages/write", headers=headers).text == "written"
    assert written(app)


@pytest.mark.parametrize(("page", "status"), [("fail", 500), ("gone", 410)])
def test_an_error_undoes_what_was_written(app: Flask, page: str, status: int) -> None:
    assert app.test_client().get(f"/grc/pages/{page}").status_code == status
    assert not written(app)


def test_an_error_is_logged_and_not_told(app: Flask, caplog: Any) -> None:
    response = app.test_client().get("/grc/pages/fail")
    assert "a secret" not in response.text
    assert response.headers["Cache-Control"] == "private, no-store"
    message = next(item.getMessage() for item in caplog.records if "fail" in item.getMessage())
    assert "pages" in message
    assert "/grc/pages/fail" in message


def test_what_is_logged_of_a_failed_page_names_no_token(app: Flask, caplog: Any) -> None:
    caplog.set_level("INFO", "grc")
    assert app.test_client().get("/grc/pages/fail/s3cret").status_code == 500
    app.test_client().post("/grc/pages/write", headers={"Referer": "https://a.example/s3cret"})
    said = " ".join(item.getMessage() for item in caplog.records)
    assert "/grc/pages/fail/<token>" in said
    assert "refused POST" in said
    assert "s3cret" not in said


def test_a_page_that_returns_nothing_is_an_error_of_the_plugin(app: Flask) -> None:
    assert app.test_client().get("/grc/pages/nothing").status_code == 500


def test_debug_raises_a_pages_error(mini: Any) -> None:
    client = mini.make_app([Pages], GRC_DEBUG=True).test_client()
    with pytest.raises(ValueError, match="a secret"):
        client.get("/grc/pages/fail")


def test_an_error_page_speaks_the_visitors_language(app: Flask) -> None:
    client = app.test_client()
    french = client.get("/grc/pages/fail", headers={"Accept-Language": "fr-CA,fr;q=0.9"})
    assert "Une erreur est survenue" in french.text
    assert '<html lang="fr">' in french.text
    assert "Something went wrong" in client.get("/grc/pages/fail").text


def test_a_program_gets_a_problem_document(app: Flask) -> None:
    headers = {"Accept": "application/json"}
    response = app.test_client().get("/grc/pages/gone", headers=headers)
    assert response.content_type == "application/problem+json"
    assert response.json["status"] == 410
    assert response.json["title"] == "Gone"


def test_the_shops_error_pages_stay_its_own(mini: Any) -> None:
    def before(app: Flask) -> None:
        @app.errorhandler(Exception)
        def every(error: Exception) -> Any:
            return "the shop's page", getattr(error, "code", 500)

        @app.get("/broken")
        def broken() -> str:
            raise ValueError

    client = mini.make_app([Pages], before=before).test_client()
    assert client.get("/broken").text == "the shop's page"
    assert client.get("/nowhere").text == "the shop's page"
    assert "Something went wrong" in client.get("/grc/pages/fail").text


def test_a_plugin_that_is_off_has_no_pages(app: Flask) -> None:
    app.extensions["grc"].tables.find("pages").off = "for a test"
    response = app.test_client().get("/grc/pages/hello")
    assert response.status_code == 404
    assert "does not exist" in response.text


def test_too_many_requests_are_told_when_to_come_back(app: Flask) -> None:
    client = app.test_client()
    answers = [client.get("/grc/pages/often") for _ in range(3)]
    assert [item.status_code for item in answers] == [200, 200, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61
    other = client.get("/grc/pages/often", environ_base={"REMOTE_ADDR": "10.0.0.9"})
    assert other.status_code == 200


def test_a_rule_that_is_no_address_is_off_and_named(mini: Any, caplog: Any) -> None:
    class Bad(Plugin):
        """Have bad rules."""

        name = "bad"

        @route("no-slash")
        def one(self) -> str:
            return "1"

        @route("/<unknown:x>")
        def two(self) -> str:
            return "2"

        @route("/<broken")
        def three(self) -> str:
            return "3"

        @route("/fine")
        def four(self) -> str:
            return "4"

    client = mini.make_app([Bad]).test_client()
    assert client.get("/grc/bad/fine").text == "4"
    assert "no-slash" in caplog.text
    assert "two" in caplog.text


def test_names_that_run_together_do_not_stop_the_shop(mini: Any) -> None:
    class A(Plugin):
        """Share an endpoint's name."""

        name = "a"

        @route("/x")
        def b_c(self) -> str:
            return "a"

    class AB(Plugin):
        """Share an endpoint's name."""

        name = "a_b"

        @route("/x")
        def c(self) -> str:
            return "a_b"

    client = mini.make_app([A, AB]).test_client()
    assert client.get("/grc/a/x").text == "a"
    assert client.get("/grc/a_b/x").text == "a_b"


def test_a_plugin_knows_the_address_of_its_page(mini: Any) -> None:
    class Links(Plugin):
        """Link to itself."""

        name = "links"
        url = "autre"

        @route("/to/<id>")
        def to(self, id: str) -> str:
            return self.url_for("to", id="2")

    client = mini.make_app([Links]).test_client()
    assert client.get("/grc/autre/to/1").text == "/grc/autre/to/2"
    below = client.get("/grc/autre/to/1", base_url="http://localhost/sub")
    assert below.text == "/sub/grc/autre/to/2"


def test_another_prefix_is_used_throughout(mini: Any) -> None:
    from grc_core import GRC

    app = Flask("prefixed", instance_path=str(mini.folder))
    app.config.update(TESTING=True, SECRET_KEY="x", GRC_RUNNER="inline")
    grc = GRC(mini.shop, plugins=[Pages], url_prefix="/relation")
    grc.init_app(app)
    mini.apps.append(app)
    assert app.test_cli_runner().invoke(args=["grc", "db", "upgrade"]).exit_code == 0
    assert app.test_client().get("/relation/pages/hello").text == "<p>hello</p>"
    with app.test_request_context():
        assert url_for("grc.slots") == "/relation/slots"
