"""Formulas of a notebook typeset when its page is written, as MathML, which browsers know."""

from typing import Any  # what a template passes may be Any

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath


class _Typeset(IPythonRenderer):
    def block_math(self, body: str) -> str:
        return convert(body, display="block")

    def inline_math(self, body: str) -> str:
        return convert(body)


def to_html(markdown: str, **options: Any) -> str:  # noqa: ANN401
    """Return Markdown as HTML; what stands between dollar signs becomes MathML.

    `options` are those of nbconvert's `IPythonRenderer`; headings get links where it is asked for.
    Raises the errors of `latex2mathml` for LaTeX that it cannot read.

    >>> to_html("Width $w$.")
    '<p>Width <math ...><mrow><mi>w</mi></mrow></math>.</p>...'
    """
    options = {"escape": False, "exclude_anchor_links": True, **options}
    return MarkdownWithMath(renderer=_Typeset(**options)).render(markdown)
