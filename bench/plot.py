"""Line plots with two logarithmic axes, as SVG."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape


WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 130, 50, 55
COLOURS = ("#1b6ca8", "#c0392b", "#2e8b57", "#8e6bbf")
_WIDE, _HIGH = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM


@dataclass(frozen=True, kw_only=True)
class Line:
    """A named line through points, all of them above zero."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class _Axis:
    """A logarithmic axis over whole decades."""

    low: int
    high: int

    @classmethod
    def over(cls, values: Sequence[float]) -> "_Axis":
        return cls(
            low=math.floor(math.log10(min(values))),
            high=math.ceil(math.log10(max(values))),
        )

    def share(self, value: float) -> float:
        """Where ``value`` lies, from 0 to 1."""
        return (math.log10(value) - self.low) / (self.high - self.low)

    def decades(self) -> Iterator[float]:
        for exponent in range(self.low, self.high + 1):
            yield 10.0**exponent


def line_plot(*, title: str, across: str, up: str, lines: Sequence[Line]) -> str:
    """The SVG document. A straight line of slope one is growth in proportion."""
    points = [point for line in lines for point in line.points]
    x_axis = _Axis.over([x for x, _ in points])
    y_axis = _Axis.over([y for _, y in points])
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        _text(LEFT, 28, title, size=16),
        *_grid(x_axis, y_axis),
        _text(LEFT + _WIDE / 2, HEIGHT - 12, across, anchor="middle"),
        _text(LEFT - 50, TOP - 12, up),
    ]
    for line, colour in zip(lines, COLOURS, strict=False):
        places = [
            (LEFT + _WIDE * x_axis.share(x), TOP + _HIGH * (1 - y_axis.share(y)))
            for x, y in line.points
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}"'
            ' stroke-width="2"/>'
        )
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>'
            for x, y in places
        ]
        end_x, end_y = places[-1]
        parts.append(_text(end_x + 9, end_y + 4, line.name, colour=colour))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _grid(x_axis: _Axis, y_axis: _Axis) -> Iterator[str]:
    for value in x_axis.decades():
        x = LEFT + _WIDE * x_axis.share(value)
        yield _stroke(x, TOP, x, TOP + _HIGH)
        yield _text(x, TOP + _HIGH + 18, f"{value:,g}", anchor="middle")
    for value in y_axis.decades():
        y = TOP + _HIGH * (1 - y_axis.share(value))
        yield _stroke(LEFT, y, LEFT + _WIDE, y)
        yield _text(LEFT - 8, y + 4, f"{value:,g}", anchor="end")


def _stroke(x1: float, y1: float, x2: float, y2: float) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#ddd"/>'
    )


def _text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    size: int = 13,
    colour: str = "#333",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"'
        f' fill="{colour}">{escape(words)}</text>'
    )
