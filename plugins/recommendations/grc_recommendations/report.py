"""The report of an evaluation: a table for the terminal, a page with plots for people."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from markupsafe import escape

#: What every report names besides the best: what shops usually have.
BASELINES = (
    "popular",
    "counted (basket 1)",
    "counted (past 0.9)",
    "counted (past 1)",
    "counted (basket 0.85)",
)
_SHOWN = 8
_STYLE = """body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;
color-scheme:light dark}table{border-collapse:collapse;width:100%}th,td{text-align:right;
padding:.3rem .6rem;border-bottom:1px solid #8886}th:first-child,td:first-child{text-align:left}
.chosen{font-weight:700}svg{width:100%;height:auto}svg text{fill:currentColor;font-size:12px}"""


def ordered(report: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the best rankings of a report and the baselines, best first."""
    found = sorted(report["qualities"].items(), key=lambda pair: -pair[1]["ndcg"])
    return [pair for place, pair in enumerate(found) if place < _SHOWN or pair[0] in BASELINES]


def table(kind: str, report: Mapping[str, Any]) -> str:
    """Return a report as text."""
    head = f"{kind}: {report['orders']} orders, {report['products']} products"
    if not report["qualities"]:
        return f"{head}; too few to compare, so the preset weights are used\n"
    lines = [f"{head}, chosen: {report['chosen']}"]
    lines.append(
        f"  {'':30} {'NDCG@10':>15} {'HitRate@10':>15} {'Recall':>7} {'MRR':>7} {'shown':>7}"
    )
    for name, it in ordered(report):
        lines.append(
            f"  {name:30} {it['ndcg']:.4f} ± {it['ndcg_error']:.4f} "
            f"{it['hit_rate']:.4f} ± {it['hit_rate_error']:.4f} "
            f"{it['recall']:7.4f} {it['reciprocal_rank']:7.4f} {it['coverage']:7.1%}"
        )
    return "\n".join(lines) + "\n"


def page(reports: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the reports as a page of HTML that needs nothing else."""
    parts = [_section(kind, report) for kind, report in reports.items()]
    return Markup(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Recommendations: '
        "evaluation</title><style>{}</style></head><body><h1>How well the recommendations "
        "foresee what people buy</h1><p>Each way of ranking was tried on the newest orders, which "
        "it had not seen. Bars: NDCG@10 with one standard error.</p>{}</body></html>"
    ).format(Markup(_STYLE), Markup("").join(parts))  # noqa: S704 - constants


def _section(kind: str, report: Mapping[str, Any]) -> Markup:
    rows = ordered(report)
    if not rows:
        return Markup("<h2>{}</h2><p>Too few orders to compare.</p>").format(kind)
    body = Markup("").join(
        Markup("<tr{}><td>{}</td><td>{:.4f} ± {:.4f}</td><td>{:.4f} ± {:.4f}</td><td>{:.4f}</td>"
               "<td>{:.4f}</td><td>{:.1%}</td></tr>").format(
            Markup(' class="chosen"') if name == report["chosen"] else "",
            name, it["ndcg"], it["ndcg_error"], it["hit_rate"], it["hit_rate_error"],
            it["recall"], it["reciprocal_rank"], it["coverage"],
        )
        for name, it in rows
    )  # fmt: skip
    return Markup(
        "<h2>{}</h2><p>{} orders, {} products, {} questions</p>{}<table><tr><th>ranking</th>"
        "<th>NDCG@10</th><th>HitRate@10</th><th>Recall@10</th><th>MRR@10</th>"
        "<th>catalogue shown</th></tr>{}</table>"
    ).format(kind, report["orders"], report["products"], rows[0][1]["cases"], _bars(rows), body)


def _bars(rows: list[tuple[str, Mapping[str, Any]]]) -> Markup:
    """Draw the NDCG of each ranking with its standard error."""
    largest = max(it["ndcg"] + it["ndcg_error"] for _, it in rows) or 1.0
    bars = []
    for place, (name, it) in enumerate(rows):
        y, width = 24 * place, 560 * it["ndcg"] / largest
        low, high = (
            190 + 560 * max(it["ndcg"] + sign * it["ndcg_error"], 0) / largest for sign in (-1, 1)
        )
        bars.append(
            Markup('<text x="182" y="{}" text-anchor="end">{}</text><rect x="190" y="{}" '
                   'width="{:.1f}" height="14" fill="#3b7dd8"/><line x1="{:.1f}" x2="{:.1f}" '
                   'y1="{}" y2="{}" stroke="currentColor"/>').format(
                y + 15, escape(name), y + 4, width, low, high, y + 11, y + 11)
        )  # fmt: skip
    return Markup(
        '<svg viewBox="0 0 760 {}" role="img" aria-label="NDCG of each ranking">{}</svg>'
    ).format(24 * len(rows) + 6, Markup("").join(bars))
