"""What asterisks make of a paragraph, wherever it is shown as Markdown: the same on the page and in a file."""

from typing import Final

# A speech's paragraph, and what is in its element.
EMPHASIS: Final = {
    "So **be** it, *all*.":                     "So <strong>be</strong> it, <em>all</em>.",
    "(*One*), “**two**”, __three__":            "(<em>One</em>), “<strong>two</strong>”, <strong>three</strong>",
    "4*25 = 100. Then 2*2*2*2 = 160, 14*13":    "4*25 = 100. Then 2*2*2*2 = 160, 14*13",
    "3 * 4 * 5, a*b*c, 2**3**2, Länge*²*b":     "3 * 4 * 5, a*b*c, 2**3**2, Länge*²*b",
    "2*(3+4)*5*(6+1), (x)*(y), 2* 3, f**(1)":   "2*(3+4)*5*(6+1), (x)*(y), 2* 3, f**(1)",
    "**2*2*2 is 8, 2 * 2 is 4**.":              "<strong>2*2*2 is 8, 2 * 2 is 4</strong>.",
    "*2*2*2 is 8, 2 * 2 is 4*.":                "<em>2*2*2 is 8, 2 * 2 is 4</em>.",
    "*a **b** c*, **a *b* c** and **a *b***":   "<em>a <strong>b</strong> c</em>, <strong>a <em>b</em> c</strong> "
                                                "and <strong>a <em>b</em></strong>",
    "**U**niversal **B**asic **I**ncome":       "<strong>U</strong>niversal <strong>B</strong>asic "
                                                "<strong>I</strong>ncome",
    "我认为**重点**是*这*个":                   "我认为<strong>重点</strong>是<em>这</em>个",
    r"2\*3\*4 and `2*3*4*` and *":              "2*3*4 and <code>2*3*4*</code> and *",
}  # fmt: skip
