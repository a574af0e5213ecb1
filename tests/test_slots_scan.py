"""Where slots are found in a page, and where they must not be."""

import pytest

from grc_core.slots.scan import MOST_MARKERS
from grc_core.slots.scan import Scan

MARK = b'<grc-slot name="a"></grc-slot>'


def names(page: bytes) -> list[str]:
    return [marker.attributes.get("name", "") for marker in Scan(page).markers()]


def inserted(page: bytes, selector: str, where: str) -> bytes | None:
    at = Scan(page).place(selector, where)
    return None if at is None else page[:at] + b"|" + page[at:]


def test_a_marker_has_its_place_and_its_attributes() -> None:
    page = b'<p>x</p><grc-slot name="product.below" data-product="42"></grc-slot><p>y</p>'
    (marker,) = Scan(page).markers()
    assert page[marker.start : marker.end].startswith(b"<grc-slot")
    assert page[marker.end :] == b"<p>y</p>"
    assert marker.attributes == {"name": "product.below", "data-product": "42"}


@pytest.mark.parametrize(
    "written",
    [
        b'<GRC-SLOT NAME="a"></GRC-SLOT>',
        b"<grc-slot name=a></grc-slot>",
        b"<grc-slot name='a' ></grc-slot >",
        b'<grc-slot\r\n  name = "a"\r\n></grc-slot>',
        b'<grc-slot name="a"/>',
        b'<grc-slot name="a">loading</grc-slot>',
        b'<grc-slot data-x="1 > 0" name="a"></grc-slot>',
    ],
)
def test_a_marker_may_be_written_in_many_ways(written: bytes) -> None:
    page = b"<main>" + written + b"</main>"
    (marker,) = Scan(page).markers()
    assert marker.attributes["name"] == "a"
    assert page[marker.end :] == b"</main>"


@pytest.mark.parametrize(
    "around",
    [
        b"<!-- %s -->",
        b"<!-- <script> %s",
        b"<script>var a = '%s';</script>",
        b"<SCRIPT type=text/template>%s</SCRIPT>",
        b"<script>%s",
        b"<style>/* %s */</style>",
        b"<textarea>%s</textarea>",
        b"<title>%s</title>",
        b"<template><template></template>%s</template>",
        b"<p title='%s'>x</p>",
        b"<p title = '<b>y</b> %s'>x</p>",
        b"<p data-html='a > b %s' class=c>x</p>",
        b"<iframe srcdoc='<p>hello</p>%s'></iframe>",
        b"<img alt=" + b" " * 150 + b"'<b>%s'>",
        b"<img alt=\n            '%s'>",
        b"<script data-x='%s'></script>",
        b"<xmp>%s</xmp>",
        b"<IFRAME>%s</IFRAME>",
        b"<noembed>%s</noembed>",
        b"<noframes>%s</noframes>",
        b"<!-- x <!-- y %s -->",
        b"<a title='<!--'></a><!-- %s --><a title='-->'></a>",
    ],
)
def test_what_a_browser_does_not_read_as_an_element_is_no_marker(around: bytes) -> None:
    assert names(around.replace(b"%s", MARK)) == []


@pytest.mark.parametrize(
    "before",
    [
        b"<!-- c -->",
        b"<!-->",
        b"<script>if (a < b) { '<!--' }</script>",
        b"<script src=x></script>",
        b"<style></style>",
        b"<textarea></textarea>",
        b"<template><template></template></template>",
        b"<p title='<script>'>x</p>",
        b'<p title="<!--">x</p>',
        b"<pre>a = 'b</pre>",
        b'<pre>a="b</pre><p class="d">',
        b'<p>it\'s 5 < 6 = "x"</p>',
        b"<scripted>",
    ],
)
def test_a_marker_after_such_things_is_found(before: bytes) -> None:
    page = before + b'<b class="c">' + MARK
    assert names(page) == ["a"]


def test_markers_are_closed_by_their_own_end_only() -> None:
    page = b'<grc-slot name="a"><p>between</p><grc-slot name="b"></grc-slot><p>after</p>'
    first, second = Scan(page).markers()
    assert page[first.end :].startswith(b"<p>between")
    assert page[second.end :] == b"<p>after</p>"


def test_attribute_values_are_unescaped_and_the_first_of_two_counts() -> None:
    page = b'<grc-slot name="a" data-product="&lt;1&gt;&amp;" NAME="b"></grc-slot>'
    (marker,) = Scan(page).markers()
    assert marker.attributes == {"name": "a", "data-product": "<1>&"}


def test_an_unclosed_tag_is_left_alone() -> None:
    assert names(b'<p><grc-slot name="a') == []
    assert names(b"<grc-slotted name=a></grc-slotted>") == []


def test_a_page_full_of_markers_is_scanned_up_to_a_limit() -> None:
    assert len(names(MARK * 1000)) == MOST_MARKERS
    assert len(names(b"<grc-slot " * 20_000)) <= 1


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("before", b"<i></i>|<main class=x>a<p>b</p></main>c"),
        ("start", b"<i></i><main class=x>|a<p>b</p></main>c"),
        ("end", b"<i></i><main class=x>a<p>b</p>|</main>c"),
        ("after", b"<i></i><main class=x>a<p>b</p></main>|c"),
    ],
)
def test_an_element_has_four_places(where: str, expected: bytes) -> None:
    assert inserted(expected.replace(b"|", b""), "main", where) == expected


def test_the_end_of_an_element_is_that_of_its_own_depth() -> None:
    page = b'<div id="x"><div>a</div><!-- </div> --><script>"</div>"</script><DIV/>b</DIV>|</div>c'
    assert inserted(page.replace(b"|", b""), "#x", "end") == page


@pytest.mark.parametrize(
    "opening",
    [
        b'<section id="content">',
        b"<section id='content'>",
        b"<section id=content>",
        b'<section class="a" id = "content" data-x="1 > 2">',
        b'<SECTION ID="content">',
    ],
)
def test_an_element_is_found_by_its_id(opening: bytes) -> None:
    page = b'<p class="content">content</p><a href="#content">x</a>' + opening + b"|y</section>"
    assert inserted(page.replace(b"|", b""), "#content", "start") == page


@pytest.mark.parametrize(
    "page",
    [
        b'<p id="contents">x</p>',
        b'<!-- <p id="content"> -->',
        b'<p data-id="content">',
        b"id=content",
        b"",
    ],
)
def test_another_id_is_not_that_id(page: bytes) -> None:
    assert inserted(page, "#content", "start") is None


def test_a_void_element_has_no_inside() -> None:
    page = b'<img id="logo" alt="">|<p>x</p>'
    assert inserted(page.replace(b"|", b""), "#logo", "end") == page


def test_the_end_of_what_is_never_closed_is_the_end_of_the_body() -> None:
    page = b"<body><main>a|</body></html>"
    assert inserted(page.replace(b"|", b""), "main", "end") == page


def test_a_selector_that_is_neither_tag_nor_id_finds_nothing() -> None:
    page = b'<main class="x">a</main>'
    assert [inserted(page, text, "end") for text in (".x", "main > p", "", "#", "é")] == [None] * 5


def test_the_body_begins_at_the_first_and_ends_at_the_last_of_two() -> None:
    page = b"<body class='a'>1</body><body>2</body></html>"
    scan = Scan(page)
    assert scan.body_start == len(b"<body class='a'>")
    assert page[scan.body_end :] == b"</body></html>"


def test_the_end_of_the_body_is_not_in_a_comment_or_a_script() -> None:
    page = b"<body>x</body><!-- </body> --><script>'</body>'</script>"
    assert page[Scan(page).body_end :].startswith(b"</body><!--")


@pytest.mark.parametrize(
    ("page", "rest"),
    [(b"<body>x</html>", b"</html>"), (b"<body>x", b""), (b"<BODY>x</BODY>\r\n", b"</BODY>\r\n")],
)
def test_a_body_that_is_not_closed_ends_with_the_page(page: bytes, rest: bytes) -> None:
    assert page[Scan(page).body_end :] == rest


@pytest.mark.parametrize(
    ("page", "lang"),
    [
        (b'<!doctype html><html lang="fr-CA">', "fr-CA"),
        (b"<html class=a lang=fr>", "fr"),
        (b"<HTML LANG='en'>", "en"),
        (b'<html data-lang="fr">', None),
        (b'<html lang="">', None),
        (b'<p lang="fr">', None),
    ],
)
def test_the_language_is_what_the_page_states(page: bytes, lang: str | None) -> None:
    assert Scan(page).lang == lang


def test_a_fragment_is_not_a_document() -> None:
    assert not Scan(b"<p>x</p><header>y</header>").is_document
    assert Scan(b"<!DOCTYPE html><h1>x").is_document
    assert Scan(b"\r\n<html>").is_document


def test_what_stands_in_for_scripts_is_part_of_the_page() -> None:
    assert names(b"<noscript>" + MARK + b"</noscript>") == ["a"]
