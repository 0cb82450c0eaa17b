"""Formulas of a notebook typeset when its page is written, as MathML, which browsers know."""

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath


class _Typeset(IPythonRenderer):
    def block_math(self, body: str) -> str:
        return convert(body, display="block")

    def inline_math(self, body: str) -> str:
        return convert(body)


def to_html(markdown: str, anchors: bool = False) -> str:
    """Return Markdown as HTML; what stands between dollar signs becomes MathML.

    With `anchors`, headings get links to themselves. Raises the errors of `latex2mathml` for LaTeX
    that it cannot read.

    >>> to_html("Width $w$.")
    '<p>Width <math ...><mrow><mi>w</mi></mrow></math>.</p>...'
    """
    renderer = _Typeset(escape=False, exclude_anchor_links=not anchors)
    return MarkdownWithMath(renderer=renderer).render(markdown)
