"""Whose number is it: shapes, check digits, ambiguity, and what is no number at all."""

import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grc_shipment_tracking.checks import RULES
from grc_shipment_tracking.checks import luhn
from grc_shipment_tracking.checks import mod7
from grc_shipment_tracking.checks import mod10
from grc_shipment_tracking.checks import mod11_10
from grc_shipment_tracking.checks import mod37_36
from grc_shipment_tracking.checks import s10
from grc_shipment_tracking.detection import detect
from grc_shipment_tracking.detection import hints
from grc_shipment_tracking.numbers import normalised

DIGITS = "0123456789"


def codes(number: str, **context: object) -> list[str]:
    return [found.courier for found in detect(number, **context)]  # type: ignore[arg-type]


def purolator(serial: str) -> str:
    return serial + luhn(serial)


def canada_post(serial: str) -> str:
    return serial + mod10(serial, (3, 1))


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=length, max_size=length)


@pytest.mark.parametrize(
    ("number", "courier"),
    [
        (purolator("33012345678"), "purolator"),
        ("CGK002986959", "purolator"),
        (canada_post("703511447713847"), "canada_post"),
        ("7712345678" + "9" + mod11_10("77123456789", (3, 1, 7)), "fedex"),
        ("1ZA1B2C30312345678"[:17] + mod10("A1B2C3031234567", (1, 2)), "ups"),
        ("94001112062064062607" + "8" + mod10("940011120620640626078", (3, 1)), "usps"),
        ("RB12345678" + s10("12345678") + "CA", "s10"),
        ("123456789" + mod7("123456789"), "dhl"),
        ("00818270998000002004532727" + "6" + mod37_36("008182709980000020045327276"), "dpd"),
        ("6A12345678901", "la_poste"),
        ("D576002440000001428004", "canpar"),
        ("3SABCD1234567", "postnl"),
    ],
)
def test_each_carrier_is_recognised_by_its_number(number: str, courier: str) -> None:
    assert codes(number)[0] == courier


@pytest.mark.parametrize(
    "written",
    [
        "7035 1144 7713 8472",
        "7035-1144-7713-8472",
        "\u00a07035114477138472\n",
        "7035\u200b114477138472",
        "７０３５１１４４７７１３８４７２",
        "7035\u20111144\u20137713—8472",
    ],
)
def test_a_number_is_the_same_however_it_is_written(written: str) -> None:
    assert normalised(written) == "7035114477138472"
    assert codes(written) == ["canada_post"]


def test_lower_case_letters_are_meant_as_capitals() -> None:
    assert codes("cgk002986959") == codes("CGK002986959") == ["purolator"]


def test_a_hyphen_that_belongs_to_the_number_does_no_harm() -> None:
    assert codes("1LS7119013618127-1") == codes("1LS7-1190-1361-8127-1") == ["lasership"]


def test_a_number_of_two_carriers_names_both_the_home_carrier_first() -> None:
    assert codes("287809468872") == ["purolator", "fedex"]


def test_where_it_goes_and_what_the_shop_uses_decide_between_two() -> None:
    assert codes("287809468872", enabled=["fedex", "ups"]) == ["fedex"]
    assert codes("287809468872", ship_from="US", ship_to="US")[0] == "fedex"
    assert codes("287809468872", history={"fedex": 9, "purolator": 0})[0] == "fedex"
    assert codes("287809468872", history=["purolator", "purolator", "fedex"])[0] == "purolator"


def test_a_check_digit_counts_more_than_a_shape() -> None:
    found = detect("CN386236185CH")
    assert [one.courier for one in found] == ["s10", "dhl"]
    assert "check digit" in found[0].reasons
    assert "shape only" in found[1].reasons


def test_shapes_that_anything_has_count_only_where_the_shop_uses_the_carrier() -> None:
    assert codes("12345678") == []
    assert codes("12345678", enabled=["mondial_relay"]) == ["mondial_relay"]


def test_an_s10_number_needs_a_country_with_a_post() -> None:
    assert codes("RB12345678" + s10("12345678") + "QQ") == []


def test_a_wrong_check_digit_is_no_candidate_but_a_hint() -> None:
    right = purolator("33012345678")
    wrong = right[:-1] + str((int(right[-1]) + 1) % 10)
    assert "purolator" not in codes(wrong)
    assert "purolator" in [found.courier for found in hints(wrong)]
    assert "purolator" not in [found.courier for found in hints(right)]


@given(digits(10), st.integers(0, 11), st.integers(1, 9))
def test_one_mistyped_digit_of_a_purolator_number_is_always_noticed(
    rest: str, place: int, by: int
) -> None:
    number = purolator("3" + rest)
    typo = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert "purolator" in codes(number)
    assert "purolator" not in codes(typo)


@given(digits(15), st.integers(0, 15), st.integers(1, 9))
def test_one_mistyped_digit_of_a_canada_post_number_is_always_noticed(
    serial: str, place: int, by: int
) -> None:
    number = canada_post(serial)
    typo = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert "canada_post" not in codes(typo)
    if len(set(number)) > 1:
        assert "canada_post" in codes(number)


@given(digits(14), st.integers(0, 13), st.integers(1, 9))
def test_one_mistyped_digit_always_changes_the_check_character_of_dpd(
    serial: str, place: int, by: int
) -> None:
    typo = serial[:place] + str((int(serial[place]) + by) % 10) + serial[place + 1 :]
    assert mod37_36(serial) != mod37_36(typo)


@pytest.mark.parametrize(
    ("rule", "length", "weights", "at_most"),
    [("mod11_10", 11, (3, 1, 7), 0.05), ("s10", 8, (), 0.12), ("mod7", 9, (), 0.12)],
)
def test_weaker_rules_miss_few_mistyped_digits(
    rule: str, length: int, weights: tuple[int, ...], at_most: float
) -> None:
    chance = Random(7)
    missed = tried = 0
    for _ in range(300):
        serial = "".join(chance.choices(DIGITS, k=length))
        for place in range(length):
            typo = serial[:place] + str((int(serial[place]) + 1) % 10) + serial[place + 1 :]
            tried += 1
            missed += RULES[rule](serial, weights) == RULES[rule](typo, weights)
    assert missed / tried <= at_most


@pytest.mark.parametrize(
    "noise",
    [
        "",
        "   ",
        " " * 5000,
        "1" * 5000,
        "1Z" * 2500,
        "9" * 50,
        "ORDER-12345",
        "#1001",
        "CMD-2026-000123",
        "+33 6 12 34 56 78",
        "2026-11-21",
        "' OR 1=1 --",
        "<script>alert(1)</script>",
        '=HYPERLINK("https://bad.example")',
        "@SUM(1+1)",
        "../../etc/passwd",
        "1ZXXXXXXXXXXXXXXXX",
        "٠١٢٣٤٥٦٧٨٩٠١",
        "১২৩৪৫৬৭৮৯০১২",
        "\ufdfa" * 200,
        "a\u0301" * 120,
        "5555555555554444",
        None,
        42,
        b"330123456789",
    ],
)
def test_what_is_no_number_has_no_carrier_and_no_hint_crashes(noise: object) -> None:
    assert detect(noise) == []  # type: ignore[arg-type]
    assert isinstance(hints(noise), list)  # type: ignore[arg-type]


@given(st.text(max_size=120))
def test_no_text_makes_detection_fail(text: str) -> None:
    assert all(0 < found.confidence < 1 for found in detect(text))
    assert isinstance(hints(text), list)


def test_hostile_texts_cost_no_more_than_numbers() -> None:
    def cost(text: str) -> float:
        start = time.process_time()
        for _ in range(200):
            detect(text)
        return time.process_time() - start

    ordinary = min(cost("4201028200009261290113185417468510") for _ in range(3))
    for text in (" " * 5000, "1" * 5000, "GM" + "1" * 39, "4" * 49 + "A", "\ufdfa" * 250):
        assert min(cost(text) for _ in range(3)) < 100 * ordinary + 0.05
