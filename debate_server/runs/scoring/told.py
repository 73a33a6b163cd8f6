"""How prose says that its answer comes next: "the answer is"."""

import re
from typing import Final

TOLD: Final = re.compile(r"\b(?:answer|choice)\b[^.\n]{0,20}?(?:\bis\b|:)[\s:*_`\"'“”(\[$€£¥]*$", re.IGNORECASE)
# How far back, in characters, such words are looked for.
BEFORE: Final = 60
