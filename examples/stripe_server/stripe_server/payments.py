"""Payment intents, their charges, refunds and disputes."""

from typing import Any

from .errors import Refusal
from .errors import declined
from .form import integer
from .form import needed
from .store import Store
from .store import Thing

#: Test cards that a bank refuses: the error's code, and the reason.
DECLINED = {
    "4000000000000002": ("card_declined", "generic_decline"),
    "4000000000009995": ("card_declined", "insufficient_funds"),
    "4000000000000069": ("expired_card", None),
}
#: The same by the name of a payment method.
_METHODS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
}
_CONFIRM, _METHOD = "requires_confirmation", "requires_payment_method"
_LEAST = 50


def create_intent(store: Store, values: dict[str, Any]) -> Thing:
    """Make a payment intent, confirmed at once where that is asked for."""
    amount = integer(values, "amount")
    if amount is None or amount < _LEAST:
        raise Refusal("Amount must be at least 50 cents.", code="amount_too_small", param="amount")
    intent = store.add(
        "payment_intent",
        amount=amount,
        amount_received=0,
        currency=str(needed(values, "currency")).lower(),
        customer=values.get("customer"),
        latest_charge=None,
        last_payment_error=None,
        metadata=values.get("metadata", {}),
        payment_method=values.get("payment_method"),
        receipt_email=values.get("receipt_email"),
        status=_CONFIRM if values.get("payment_method") else _METHOD,
    )
    store.happened("payment_intent.created", intent)
    if str(values.get("confirm", "")).lower() == "true":
        confirm_intent(store, intent["id"], values)
    return intent


def confirm_intent(store: Store, id: str, values: dict[str, Any]) -> Thing:
    """Charge the payment method of an intent."""
    intent = store.get("payment_intent", id)
    if intent["status"] in ("succeeded", "canceled"):
        raise _unexpected(intent)
    method = values.get("payment_method") or intent["payment_method"]
    charge(store, intent, _METHODS.get(str(method), "4242424242424242"))
    return intent


def cancel_intent(store: Store, id: str, values: dict[str, Any]) -> Thing:
    """Cancel an intent that was not paid."""
    intent = store.get("payment_intent", id)
    if intent["status"] in ("succeeded", "canceled"):
        raise _unexpected(intent)
    intent.update(status="canceled", cancellation_reason=values.get("cancellation_reason"))
    store.happened("payment_intent.canceled", intent)
    return intent


def charge(store: Store, intent: Thing, number: str) -> Thing:
    """Pay an intent with a card; a refusal is an event as well."""
    refused = DECLINED.get(number)
    paid = store.add(
        "charge",
        amount=intent["amount"],
        amount_refunded=0,
        currency=intent["currency"],
        disputed=False,
        metadata=dict(intent["metadata"]),
        paid=refused is None,
        payment_intent=intent["id"],
        refunded=False,
        status="failed" if refused else "succeeded",
    )
    intent["latest_charge"] = paid["id"]
    if refused:
        refusal = declined(*refused)
        intent.update(status=_METHOD, last_payment_error=refusal.error)
        store.happened("charge.failed", paid)
        store.happened("payment_intent.payment_failed", intent)
        raise refusal
    intent.update(status="succeeded", amount_received=intent["amount"], last_payment_error=None)
    store.happened("payment_intent.succeeded", intent)
    store.happened("charge.succeeded", paid)
    return paid


def create_refund(store: Store, values: dict[str, Any]) -> Thing:
    """Pay back part of a charge, or what is left of it; more than that is refused."""
    id = values.get("charge")
    if not id:
        intent = store.get("payment_intent", needed(values, "payment_intent"))
        id = intent["latest_charge"] or ""
    paid = store.get("charge", id)
    left = paid["amount"] - paid["amount_refunded"] if paid["paid"] else 0
    asked = integer(values, "amount")
    amount = left if asked is None else asked
    if left == 0:
        raise Refusal(
            f"Charge {paid['id']} has already been refunded.", code="charge_already_refunded"
        )
    if not 0 < amount <= left:
        raise Refusal(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    refund = store.add(
        "refund",
        amount=amount,
        charge=paid["id"],
        currency=paid["currency"],
        metadata=values.get("metadata", {}),
        payment_intent=paid["payment_intent"],
        reason=values.get("reason"),
        status="succeeded",
    )
    paid["amount_refunded"] += amount
    paid["refunded"] = paid["amount_refunded"] == paid["amount"]
    store.happened("refund.created", refund)
    store.happened("charge.refunded", paid)
    store.happened("refund.updated", refund)
    return refund


def fail_refund(store: Store, id: str) -> Thing:
    """Let a refund come back: the customer's bank would not take it."""
    refund = store.get("refund", id)
    paid = store.get("charge", refund["charge"])
    refund.update(status="failed", failure_reason="expired_or_canceled_card")
    paid["amount_refunded"] -= refund["amount"]
    paid["refunded"] = False
    store.happened("refund.failed", refund)
    store.happened("charge.refund.updated", refund)
    return refund


def open_dispute(store: Store, charge_id: str) -> Thing:
    """Let a customer's bank doubt a charge."""
    paid = store.get("charge", charge_id)
    paid["disputed"] = True
    dispute = store.add(
        "dispute",
        amount=paid["amount"],
        charge=paid["id"],
        currency=paid["currency"],
        metadata={},
        payment_intent=paid["payment_intent"],
        reason="fraudulent",
        status="needs_response",
    )
    store.happened("charge.dispute.created", dispute)
    return dispute


def close_dispute(store: Store, id: str, status: str) -> Thing:
    """End a dispute: `won` or `lost`."""
    dispute = store.get("dispute", id)
    dispute["status"] = status
    store.happened("charge.dispute.closed", dispute)
    return dispute


def _unexpected(intent: Thing) -> Refusal:
    return Refusal(
        f"This PaymentIntent's status is {intent['status']}.",
        code="payment_intent_unexpected_state",
    )
