"""Who the customers are; nobody proves anything."""

from datetime import UTC
from datetime import datetime

from flask import Blueprint
from flask import jsonify
from flask import request

from ..database import database

customers = Blueprint("customers", __name__)


@customers.post("/customers")
def join():
    name = (request.get_json(silent=True) or {}).get("name")
    if not name:
        return jsonify(error="a name is needed"), 422
    taken = database().execute("select 1 from customer where name = ?", [name]).fetchone()
    if taken:
        return jsonify(error="that name is taken"), 409
    now = datetime.now(UTC).isoformat()
    made = database().execute("insert into customer (name, joined) values (?, ?)", [name, now])
    database().commit()
    return jsonify(id=made.lastrowid, name=name), 201
