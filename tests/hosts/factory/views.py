"""The pages of the shop, in blueprints with the names that everybody gives them."""

from flask import Blueprint
from flask import abort
from flask import flash
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from flask_login import current_user
from flask_login import login_required
from flask_login import login_user
from flask_login import logout_user
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired

from .extensions import db
from .extensions import login_manager
from .models import CartItem
from .models import Order
from .models import OrderItem
from .models import Product
from .models import User

app = Blueprint("app", __name__)
product = Blueprint("product", __name__, url_prefix="/product")
order = Blueprint("order", __name__, url_prefix="/order")


class SignUpForm(FlaskForm):
    email = StringField(validators=[DataRequired()])
    first_name = StringField(validators=[DataRequired()])


@login_manager.user_loader
def load_user(id):
    return db.session.get(User, int(id))


@app.get("/")
def home():
    return render_template("home.html", products=db.session.query(Product).all())


@app.route("/sign-up", methods=["GET", "POST"])
def sign_up():
    form = SignUpForm()
    if not form.validate_on_submit():
        return render_template("sign_up.html", form=form), 400 if form.errors else 200
    if db.session.query(User).filter_by(email=form.email.data).first():
        flash("That address is taken.")
        return render_template("sign_up.html", form=form), 409
    user = User(email=form.email.data, first_name=form.first_name.data)
    db.session.add(user)
    db.session.commit()
    login_user(user)
    return redirect(url_for("app.home"))


@app.post("/log-in")
def log_in():
    user = db.session.query(User).filter_by(email=request.form["email"]).first()
    if user is None:
        abort(401)
    login_user(user)
    return redirect(url_for("app.home"))


@app.post("/log-out")
def log_out():
    logout_user()
    return redirect(url_for("app.home"))


@product.get("/<int:id>")
def show(id):
    return render_template("product.html", product=db.get_or_404(Product, id))


@order.get("/cart")
@login_required
def cart():
    return render_template("cart.html", items=_items())


@order.post("/cart/<int:id>")
@login_required
def add(id):
    db.get_or_404(Product, id)
    item = db.session.query(CartItem).filter_by(user_id=current_user.id, product_id=id).first()
    if item is None:
        db.session.add(CartItem(user_id=current_user.id, product_id=id))
    else:
        item.quantity += 1
    db.session.commit()
    return redirect(url_for("order.cart"))


@order.post("/place")
@login_required
def place():
    items = _items()
    if not items:
        abort(400)
    made = Order(
        user_id=current_user.id,
        total=sum(item.product.price * item.quantity for item in items),
        items=[
            OrderItem(product_id=item.product_id, quantity=item.quantity, price=item.product.price)
            for item in items
        ],
    )
    db.session.add(made)
    db.session.flush()
    for item in items:
        db.session.delete(item)
    if request.form.get("card") == "refused":
        db.session.rollback()
        return render_template("cart.html", items=_items()), 402
    db.session.commit()
    if request.form.get("card") == "mail server down":
        raise RuntimeError("the confirmation cannot be sent")
    return redirect(url_for("order.done", id=made.id))


@order.get("/done/<int:id>")
@login_required
def done(id):
    return render_template("done.html", order=db.get_or_404(Order, id))


def _items():
    return db.session.query(CartItem).filter_by(user_id=current_user.id).all()
