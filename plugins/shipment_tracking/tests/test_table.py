"""The carrier table, what extends it, and links to the carriers' pages."""

import pytest

from grc_shipment_tracking.checks import s10
from grc_shipment_tracking.detection import detect
from grc_shipment_tracking.links import better
from grc_shipment_tracking.links import link
from grc_shipment_tracking.links import speaks
from grc_shipment_tracking.linktemplates import BadTemplate
from grc_shipment_tracking.linktemplates import checked
from grc_shipment_tracking.linktemplates import filled
from grc_shipment_tracking.table import OWN
from grc_shipment_tracking.table import BadTable
from grc_shipment_tracking.table import table

EXTRA = """
[carriers.bicycle]
name = "Bicycle Post"
countries = ["CA"]
links.any = "https://bicycle.example/{lang}/{number}"
[[carriers.bicycle.formats]]
key = "bicycle"
pattern = 'BIKE(?P<serial>[0-9]{5})(?P<check>[0-9])'
length = [10]
check = { rule = "luhn" }
confidence = 0.9
"""


def test_every_format_and_link_names_its_source() -> None:
    for line in OWN.read_text("utf-8").splitlines():
        if line.startswith(("key =", "links.")):
            assert "# [" in line, line


def test_a_shop_adds_a_carrier_of_its_own() -> None:
    more = table().extended([EXTRA])
    assert [found.courier for found in detect("bike 12345 5", carriers=more)] == ["bicycle"]
    assert (
        link("bicycle", "BIKE123455", "fr", carriers=more)
        == "https://bicycle.example/fr/BIKE123455"
    )
    assert detect("BIKE123455") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("carriers", "not TOML"),
        ("[carriers.x]", "carrier x: 'name' is missing"),
        ("[carriers.x]\nname='X'\nlinks.any='javascript:{number}'", "must begin with https"),
        ("[carriers.x]\nname='X'\n[[carriers.x.formats]]\nkey='k'\npattern='('\nlength=[9]",
         "the pattern of 'k'"),
        ("[carriers.x]\nname='X'\n[[carriers.x.formats]]\nkey='k'\npattern='1'\nlength=[9]\n"
         "check={rule='sum'}", "no rule 'sum'"),
        ("[carriers.x]\nname='X'\n[[carriers.x.formats]]\nkey='k'\npattern='1'\nlength=[9]\n"
         "check={rule='luhn'}", "needs the groups"),
    ],
)  # fmt: skip
def test_a_table_with_a_mistake_says_where_it_is(text: str, message: str) -> None:
    with pytest.raises(BadTable, match=message):
        table().extended([text])


def test_links_follow_the_language() -> None:
    english = link("purolator", "330123456784", "en")
    french = link("purolator", "330123456784", "fr_CA")
    assert english == "https://www.purolator.com/en/shipping/tracker?searchValue=330123456784"
    assert french == "https://www.purolator.com/fr/shipping/tracker?pin=330123456784"


def test_a_shop_replaces_a_link() -> None:
    own = {"purolator.fr": "https://purolator.example/suivi/{number}"}
    assert (
        link("purolator", "330123456784", "fr", own=own)
        == "https://purolator.example/suivi/330123456784"
    )
    assert "searchValue" in str(link("purolator", "330123456784", "en", own=own))


def test_an_international_number_leads_to_the_post_of_the_destination() -> None:
    number = "RB12345678" + s10("12345678") + "FR"
    assert "canadapost" in str(link("s10", number, "en", ship_to="CA"))
    assert "laposte" in str(link("s10", number, "en"))
    assert link("s10", "RB12345678" + s10("12345678") + "ZW", "en") is None


def test_a_page_that_needs_a_postcode_is_not_linked_without_one() -> None:
    assert link("mondial_relay", "12345678") is None
    assert "codePostal=75%20001" in str(link("mondial_relay", "12345678", postcode="75 001"))


@pytest.mark.parametrize("number", ["<script>", "1&x=2", "../..", "", "٣٣٠١٢٣"])
def test_what_is_no_number_is_never_put_into_a_link(number: str) -> None:
    assert link("fedex", number) is None


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("canada_post", "canada_post"),
        ("Canada Post", "canada_post"),
        ("canada-post", "canada_post"),
        ("Postes Canada", "canada_post"),
        ("FEDEX", "fedex"),
        ("our own van", "our own van"),
        ("", None),
        (None, None),
    ],
)
def test_a_shop_may_call_a_carrier_by_its_name(word: str | None, code: str | None) -> None:
    assert table().code(word) == code


@pytest.mark.parametrize(
    "template",
    [
        "https://x.example/{number.__class__}",
        "https://x.example/{number!r}",
        "https://x.example/{number:>9999999}",
        "https://x.example/{0}{number}",
        "https://x.example/{secret}{number}",
        "https://x.example/{{number}}",
        "https://x.example/",
        "https://{number}.example/",
        "https://shop.example@x.example/{number}",
        "https://x.example\\@y.example/{number}",
        "http://x.example/{number}",
        "javascript:alert('{number}')",
        "//x.example/{number}",
        "https://x.example/{number}\n",
        "https://[x/{number}",
    ],
)
def test_a_template_with_anything_else_in_it_is_refused(template: str) -> None:
    with pytest.raises(BadTemplate):
        checked(template)


def test_what_is_put_into_a_template_is_quoted_and_never_a_template_itself() -> None:
    values = {"number": "{postcode}", "postcode": "a b&c=/../", "lang": "fr"}
    template = checked("https://x.example/{lang}?n={number}&p={postcode}")
    assert (
        filled(template, values) == "https://x.example/fr?n=%7Bpostcode%7D&p=a%20b%26c%3D%2F..%2F"
    )


OURS = "https://www.purolator.com/fr/shipping/tracker?pin=330123456784"


@pytest.mark.parametrize(
    ("stated", "speaks_it", "shown"),
    [
        (None, True, OURS),
        ("", True, OURS),
        ("http://www.purolator.com/en/x", False, OURS),
        ("https://www.purolator.com/en/x", True, OURS),
        ("https://www.purolator.com/en/x", False, "https://www.purolator.com/en/x"),
        ("https://parcels.shop.example/x", True, "https://parcels.shop.example/x"),
    ],
)
def test_the_shop_s_link_wins_unless_it_is_the_carrier_s_page_in_another_language(
    stated: str | None, speaks_it: bool, shown: str
) -> None:
    assert better(stated, OURS, speaks_it) == shown


def test_a_page_speaks_a_language_where_the_table_or_the_shop_says_so() -> None:
    known = table()
    assert speaks("purolator", "fr", {}, known)
    assert not speaks("fedex", "fr", {}, known)
    assert speaks("fedex", "fr", {"fedex.fr": "https://x.example/{number}"}, known)
    assert not speaks("our own van", "fr", {}, known)
