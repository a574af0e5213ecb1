"""What is sold."""

from flask import Blueprint
from flask import abort
from flask import jsonify

from ..database import database

products = Blueprint("products", __name__)


@products.get("/products")
def every():
    return jsonify([dict(row) for row in database().execute("select * from product")])


@products.get("/products/<int:id>")
def one(id):
    row = database().execute("select * from product where id = ?", [id]).fetchone()
    return jsonify(dict(row)) if row else abort(404)
