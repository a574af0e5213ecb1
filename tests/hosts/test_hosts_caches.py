"""Two visitors who share a cache never see each other's widgets."""

import grp
import os
import pwd
import re
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from flask import Response
from flask import make_response
from flask import request
from flask import session
from flask_caching import Cache
from werkzeug.serving import make_server

from grc_core import GRC
from grc_core import Customer
from grc_core import Product
from grc_core import Shop

from .embedding import Recorder
from .test_hosts import PRODUCTS

PAGE = "<!doctype html><html><body><main>a page made {} times</main></body></html>"
NGINX = shutil.which("nginx")


def cached_shop(folder: Path, kind: str, **config: Any) -> Flask:
    """Return a shop whose one page is kept in a way: a decorator's, or that of its hooks."""
    app = Flask("cached", instance_path=str(folder))
    url = f"sqlite:///{folder}/{kind}.sqlite3"
    app.config.update(SECRET_KEY="k" * 32, GRC_RUNNER="inline", GRC_DATABASE_URL=url, **config)
    shop, made = Shop(currency="CAD"), []
    cache = Cache(app, config={"CACHE_TYPE": "SimpleCache"})

    @shop.customer
    def customer() -> Customer | None:
        name = session.get("name")
        return Customer(name, name=name, verified=True) if name else None

    @shop.products
    def products(ids: Any) -> Any:
        return [Product(id, "Ball", 1) for id in ids]  # type: ignore[arg-type]

    def page(id: str) -> Any:
        made.append(id)
        text = PAGE.format(len(made))
        answer = text if kind == "text" else make_response(text)
        if kind == "public":
            answer.headers["Cache-Control"] = "public, max-age=60"
        return answer

    if kind in ("text", "response"):
        page = cache.cached(timeout=60)(page)
    if kind == "hooks":
        app.before_request(lambda: cache.get(request.path))

        @app.after_request
        def keep(response: Response) -> Response:
            if request.endpoint == "page" and response.status_code == 200:
                cache.set(request.path, response)
            return response

    app.add_url_rule("/page/<id>", "page", page)

    @app.post("/sign-in/<name>")
    def sign_in(name: str) -> str:
        session["name"] = name
        return name

    shop.place("product.below", endpoints="page", product="id")
    GRC(shop, plugins=[Recorder]).init_app(app)
    result = app.test_cli_runner().invoke(args=["grc", "db", "upgrade"])
    assert result.exit_code == 0, result.output
    return app


def visitors(app: Flask) -> dict[str, Any]:
    """Return the browsers of two customers and of a stranger."""
    found = {name: app.test_client() for name in ("ann", "bob", "nobody")}
    for name in ("ann", "bob"):
        found[name].post(f"/sign-in/{name}")
    return found


@pytest.mark.parametrize("kind", ["text", "response"])
def test_what_flask_caching_keeps_of_a_view_is_filled_for_each_visitor(
    tmp_path: Path, kind: str
) -> None:
    app = cached_shop(tmp_path, kind)
    for _ in range(2):
        for name, browser in visitors(app).items():
            text = browser.get("/page/1").text
            assert "a page made 1 times" in text
            assert f"seen: {name}," in text
            assert text.count("seen: ") == 1
    app.extensions["grc"].close()


def test_a_page_kept_whole_has_nothing_personal_once_it_is_named(tmp_path: Path) -> None:
    app = cached_shop(tmp_path, "hooks", GRC_PUBLIC_ENDPOINTS=("page",))
    for name, browser in visitors(app).items():
        answer = browser.get("/page/1")
        assert "a page made 1 times" in answer.text
        assert "seen: " not in answer.text
        assert "grc-slot" in answer.text, name
        assert "Set-Cookie" not in answer.headers
    app.extensions["grc"].close()


def test_a_public_page_is_the_same_for_all_and_each_browser_fetches_its_own(
    tmp_path: Path,
) -> None:
    app = cached_shop(tmp_path, "public")
    browsers, pages = visitors(app), set()
    for name, browser in browsers.items():
        answer = browser.get("/page/1")
        pages.add(re.sub(r"made \d+ times", "", answer.text))
        assert answer.headers["Cache-Control"] == "public, max-age=60"
        assert not {"Vary", "Set-Cookie"} & set(answer.headers), name
    (page,) = pages
    assert "seen: " not in page
    about = dict(re.findall(r'data-(product|seal)="([^"]*)"', page))
    for name, browser in browsers.items():
        query = {"path": "/page/1", "slot": "product.below", **about}
        answer = browser.get("/grc/slots", query_string=query)
        assert f"seen: {name}," in answer.json["slots"][0]["html"]
        assert answer.headers["Cache-Control"] == "private, no-store"
    app.extensions["grc"].close()


def test_the_book_shop_s_cached_page_greets_each_reader_as_themselves(hosts: Any) -> None:
    host = hosts("mounted")
    path = PRODUCTS["mounted"]
    ann, bob = host.browser(), host.browser()
    ann.post("/join", {"email": "ann@example.com", "name": "Ann"})
    assert "seen: Ann" in ann.get(path).text
    assert "seen: nobody" in bob.get(path).text
    with host.import_("app").database() as db, db:
        db.execute("update book set title = 'changed'")
    assert "changed" not in bob.get(path).text
    assert "seen: Ann" in ann.get(path).text


_CONF = """
user {user} {group}; daemon off;
pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  proxy_cache_path {folder}/cache keys_zone=shop:1m;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{behind}; proxy_cache shop;
      proxy_set_header Host $host; add_header X-Cache $upstream_cache_status;
    }}
  }}
}}
"""


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


@pytest.mark.skipif(NGINX is None, reason="no nginx is installed")
def test_two_visitors_behind_nginx_never_see_each_other_s_widgets(tmp_path: Path) -> None:
    app = cached_shop(tmp_path, "public")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    port = _free_port()
    (tmp_path / "nginx.conf").write_text(
        _CONF.format(
            folder=tmp_path,
            port=port,
            behind=server.server_port,
            # as root it would hand the cache to somebody who may not open the test's folder
            user=pwd.getpwuid(os.getuid()).pw_name,
            group=grp.getgrgid(os.getgid()).gr_name,
        )
    )
    command = [str(NGINX), "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    process = subprocess.Popen(command)
    try:
        browsers = {name: requests.Session() for name in ("ann", "bob")}
        address = f"http://127.0.0.1:{port}"
        for _ in range(50):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        states = []
        for name, browser in browsers.items():
            browser.post(f"{address}/sign-in/{name}", timeout=5)
            answer = browser.get(f"{address}/page/1", timeout=5)
            assert answer.status_code == 200
            states.append(answer.headers["X-Cache"])
            assert "seen: " not in answer.text
        assert states == ["MISS", "HIT"]
    finally:
        process.terminate()
        process.wait(10)
        server.shutdown()
        thread.join()
        app.extensions["grc"].close()
