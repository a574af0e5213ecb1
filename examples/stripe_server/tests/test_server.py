"""The local Stripe, asked by the real SDK over a real socket."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from stripe_server import LocalStripe


@pytest.fixture(scope="module")
def server() -> Iterator[LocalStripe]:
    with LocalStripe() as found:
        yield found


@pytest.fixture(scope="module")
def client(server: LocalStripe) -> stripe.StripeClient:
    return stripe.StripeClient(
        "sk_test_1", base_addresses={"api": server.url}, max_network_retries=2
    )


def session_of(client: stripe.StripeClient, cents: int = 5000, **more: Any) -> Any:
    price = {"currency": "cad", "unit_amount": cents, "product_data": {"name": "Tent"}}
    return client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "line_items": [{"quantity": 2, "price_data": price}],
            "success_url": "http://127.0.0.1/done/{CHECKOUT_SESSION_ID}",
            **more,
        }
    )


def test_one_amount_is_taken_off_and_refunds_stop_at_what_was_paid(
    client: stripe.StripeClient, server: LocalStripe
) -> None:
    coupon = client.v1.coupons.create(
        {"amount_off": 1500, "currency": "cad", "duration": "once", "max_redemptions": 1}
    )
    session = session_of(client, discounts=[{"coupon": coupon.id}])
    assert session.amount_total == 8500
    server.pay(session.id)
    paid = client.v1.checkout.sessions.retrieve(session.id)
    assert (paid.status, paid.payment_status) == ("complete", "paid")
    with pytest.raises(stripe.InvalidRequestError, match="expired"):
        session_of(client, discounts=[{"coupon": coupon.id}])
    for _ in range(2):
        options = {"idempotency_key": "half"}
        refund = {"payment_intent": str(paid.payment_intent), "amount": 4000}
        client.v1.refunds.create(refund, options)  # type: ignore[arg-type]
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        client.v1.refunds.create({"payment_intent": str(paid.payment_intent), "amount": 4501})
    with pytest.raises(stripe.StripeError, match="same parameters"):
        client.v1.refunds.create(
            {"payment_intent": str(paid.payment_intent), "amount": 1}, {"idempotency_key": "half"}
        )


def test_a_field_that_the_sdk_does_not_know_is_refused(client: stripe.StripeClient) -> None:
    for wrong in ({"amont_off": 5}, {"metadata": {"a": "b"}, "currency_opts": "x"}):
        with pytest.raises(stripe.InvalidRequestError, match="unknown parameter"):
            client.v1.coupons.create(wrong)  # type: ignore[arg-type]
    with pytest.raises(stripe.InvalidRequestError, match=r"payment_intent_data\[metdata\]"):
        session_of(client, payment_intent_data={"metdata": {"a": "b"}})


def test_cards_are_declined_by_their_number(client: stripe.StripeClient) -> None:
    payment = {"amount": 900, "currency": "cad", "confirm": True}
    with pytest.raises(stripe.CardError) as refused:
        client.v1.payment_intents.create(
            {**payment, "payment_method": "pm_card_chargeDeclined"}  # type: ignore[arg-type]
        )
    assert refused.value.code == "card_declined"
    done = client.v1.payment_intents.create(
        {**payment, "payment_method": "pm_card_visa"}  # type: ignore[arg-type]
    )
    assert done.status == "succeeded"


def test_what_fails_now_and_then_is_done_once(
    client: stripe.StripeClient, server: LocalStripe
) -> None:
    before = len(server.store.all("customer"))
    for kind in ("500", "500_after"):
        server.mishaps.plan(kind, "POST /v1/customers")
        client.v1.customers.create({"email": f"{kind}@example.com"})
    assert len(server.store.all("customer")) == before + 2
    server.mishaps.plan("429", "GET /v1/customers")
    with pytest.raises(stripe.RateLimitError):
        client.v1.customers.list()


def test_a_session_ends_when_its_time_is_over(
    client: stripe.StripeClient, server: LocalStripe
) -> None:
    session = session_of(client, expires_at=int(time.time()) + 1800)
    server.store.get("checkout.session", session.id)["expires_at"] = 1
    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    page = server.app.test_client().get(f"/pay/{session.id}", headers={"Accept-Language": "fr"})
    assert "Ce paiement est terminé" in page.get_data(as_text=True)
