"""A small document store: collections of dictionaries in a file, found by an id of 12 bytes."""

import copy
import json
import os
import secrets
import threading
import time


class ObjectId:
    """An id that is no text and no number, until somebody prints it."""

    def __init__(self, value=None):
        self._hex = value or f"{int(time.time()):08x}{secrets.token_hex(8)}"
        if len(self._hex) != 24 or any(sign not in "0123456789abcdef" for sign in self._hex):
            raise ValueError(f"{value!r} is not an ObjectId")

    def __str__(self):
        return self._hex

    def __repr__(self):
        return f"ObjectId({self._hex!r})"

    def __eq__(self, other):
        return isinstance(other, ObjectId) and self._hex == str(other)

    def __lt__(self, other):
        return self._hex < str(other)

    def __hash__(self):
        return hash(self._hex)


class Collection:
    def __init__(self, path):
        self._path = path
        self._lock = threading.Lock()

    def _read(self):
        if not os.path.exists(self._path):
            return []
        with open(self._path, encoding="utf-8") as file:
            return [{**item, "_id": ObjectId(item["_id"])} for item in json.load(file)]

    def find(self, **wanted):
        return [item for item in self._read() if all(item.get(k) == v for k, v in wanted.items())]

    def find_one(self, **wanted):
        return next(iter(self.find(**wanted)), None)

    def save(self, document):
        document = copy.deepcopy(document)
        document.setdefault("_id", ObjectId())
        document["version"] = time.time_ns()
        with self._lock:
            others = [item for item in self._read() if item["_id"] != document["_id"]]
            with open(self._path, "w", encoding="utf-8") as file:
                json.dump([*others, document], file, default=str)
        return document


class Store:
    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        self.people = Collection(os.path.join(folder, "people.json"))
        self.goods = Collection(os.path.join(folder, "goods.json"))
        self.orders = Collection(os.path.join(folder, "orders.json"))
