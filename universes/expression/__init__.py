"""Filters: text to a type-checked condition on a row, with three-valued logic and nothing run as Python.

>>> from universes.expression import Field, parse
>>> purity = Field("purity", "number", "share of value from critical minerals")
>>> parse("purity>=0.5", [purity]).text
'purity >= 0.5'
"""

from universes.expression.field import Field
from universes.expression.parsing import Expression, parse

__all__ = ["Expression", "Field", "parse"]
