"""What makes thousands of apps in one test run affordable."""

from collections.abc import Callable

from werkzeug.routing import Rule

_compile = Rule._compile_builder
_compiled: dict[object, Callable[..., tuple[str, str]]] = {}


def _compile_once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    """Compile the function that builds a rule's URLs once, not again for each test's app.

    Werkzeug writes and compiles two functions a rule, by far the dearest step of making an app.
    They depend on the rule's text alone, unless it has defaults: those are left as they are.
    """
    if rule.defaults:
        return _compile(rule, append_unknown)
    key = (tuple(rule._trace), append_unknown)
    if key not in _compiled:
        _compiled[key] = _compile(rule, append_unknown)
    return _compiled[key]


Rule._compile_builder = _compile_once  # type: ignore[method-assign]
