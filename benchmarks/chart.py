"""The bar chart of docs/performance.md: how many times as fast as the best peer, on a logarithmic axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

ROW, TOP, LEFT, WIDTH, RIGHT = 17, 34, 170, 520, 150
STYLE = """
text { font: 12px sans-serif; fill: #24292f; }
.small { font-size: 10px; fill: #57606a; }
.ahead { fill: #2da44e; } .behind { fill: #cf222e; } .axis { stroke: #8c959f; } .grid { stroke: #d0d7de; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .small { fill: #9198a1; } .grid { stroke: #3d444d; }
  .ahead { fill: #3fb950; } .behind { fill: #f85149; }
}
"""


class Bar(NamedTuple):
    """A workload: the best peer's time over ours, and who that is."""

    workload: str
    speed: float
    peer: str


def chart(bars: Sequence[Bar], title: str) -> str:
    """The bars as an SVG picture; what is beyond 1/8 or 8 ends there and says how far it goes."""
    height = TOP + ROW * len(bars) + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + RIGHT}" height="{height}" '
        f'viewBox="0 0 {LEFT + WIDTH + RIGHT} {height}" role="img" aria-label="{title}">',
        f"<style>{STYLE}</style>",
        f'<text x="{LEFT}" y="14">{title}</text>',
    ]
    for power in range(-3, 4):
        x = _x(2.0**power)
        kind = "grid" if power else "axis"
        label = f"{2**power}x" if power >= 0 else f"1/{2**-power}"
        parts.append(
            f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{height - 20}"/>'
            f'<text class="small" x="{x:.1f}" y="{height - 6}" text-anchor="middle">{label}</text>'
        )
    for k, bar in enumerate(bars):
        y = TOP + ROW * k
        one, end = _x(1), _x(bar.speed)
        kind = "ahead" if bar.speed >= 1 else "behind"
        parts.append(
            f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{bar.workload}</text>'
            f'<rect class="{kind}" x="{min(one, end):.1f}" y="{y + 2}" '
            f'width="{max(abs(end - one), 1):.1f}" height="{ROW - 5}"/>'
            f'<text class="small" x="{LEFT + WIDTH + 8}" y="{y + 12}">{bar.speed:.2f}x {bar.peer}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _x(speed: float) -> float:
    position = (math.log2(min(max(speed, 1 / 8), 8)) + 3) / 6
    return LEFT + WIDTH * position
