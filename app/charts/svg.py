"""SVG elements of the charts, with styles for light and dark colour schemes."""

from collections.abc import Iterable
from html import escape

_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1f2933}"
    ".head{font-weight:600;font-size:15px}"
    ".faint{fill:#52606d}.line{stroke:#9aa5b1;stroke-width:1;fill:none}"
    ".towards{fill:#0b7285}.away{fill:#c2410c}.other{fill:#7b8794}.reach{stroke:#0b7285;"
    "stroke-width:2}.paper{fill:#ffffff}"
    "@media (prefers-color-scheme:dark){text{fill:#e4e7eb}.faint{fill:#b8c2cc}"
    ".line{stroke:#616e7c}.towards{fill:#3bc9db}.away{fill:#ff922b}.other{fill:#9aa5b1}"
    ".reach{stroke:#3bc9db}.paper{fill:#14181d}}"
)


def document(width: int, height: int, title: str, description: str, shapes: Iterable[str]) -> str:
    """Return an SVG document with a title and a description as its text alternative."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-labelledby="title description">'
    )
    texts = (
        f'<title id="title">{escape(title)}</title>'
        f'<desc id="description">{escape(description)}</desc>'
    )
    paper = f'<rect class="paper" width="{width}" height="{height}"/>'
    return "\n".join([head, texts, f"<style>{_STYLE}</style>", paper, *shapes, "</svg>"]) + "\n"


def text(x: float, y: float, content: str, *, anchor: str = "start", kind: str = "") -> str:
    """Return a text on one line; `anchor` is start, middle or end."""
    css = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{css}>{escape(content)}</text>'


def bar(x: float, y: float, width: float, height: float, kind: str) -> str:
    """Return a filled rectangle."""
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" '
        f'width="{max(width, 0.0):.1f}" height="{height:.1f}" rx="2"/>'
    )


def line(start: tuple[float, float], end: tuple[float, float], kind: str = "line") -> str:
    """Return a straight line."""
    (x1, y1), (x2, y2) = start, end
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def dot(x: float, y: float, radius: float, kind: str) -> str:
    """Return a filled circle."""
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>'
