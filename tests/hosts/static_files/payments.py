"""The part of a payment service that this shop calls, with the sessions in a file."""

import hashlib
import hmac
import json
import os
import secrets
import time

SIGNING_KEY = "whsec_furniture"


class Sessions:
    def __init__(self, path):
        self._path = path

    def _read(self):
        if not os.path.exists(self._path):
            return []
        with open(self._path, encoding="utf-8") as file:
            return json.load(file)

    def _write(self, sessions):
        with open(self._path, "w", encoding="utf-8") as file:
            json.dump(sessions, file)

    def create(self, line_items):
        made = {
            "id": f"cs_test_{secrets.token_hex(12)}",
            "payment_status": "unpaid",
            "created": int(time.time()),
            "customer_details": None,
            "line_items": line_items,
        }
        self._write([*self._read(), made])
        return made

    def pay(self, id, email):
        """Do what the service does once somebody has paid; return the event that it sends."""
        sessions = self._read()
        for item in sessions:
            if item["id"] == id:
                item.update(payment_status="paid", customer_details={"email": email})
        self._write(sessions)
        body = json.dumps({"type": "checkout.session.completed", "data": {"object": {"id": id}}})
        return body, sign(body)

    def list(self, created_gte=0):
        return [item for item in self._read() if item["created"] >= created_gte]

    def retrieve(self, id):
        return next((item for item in self._read() if item["id"] == id), None)


def sign(body):
    return hmac.new(SIGNING_KEY.encode(), body.encode(), hashlib.sha256).hexdigest()
