"""A format of three seats that speak at the same time, and of one that hears them out."""

from typing import Any

AGENTS = [
    {"name": name, "side": name.lower(), "persona": f"You are {name}."} for name in ("Ann", "Bob", "Cyd", "Chair")
]
TOGETHER: dict[str, Any] = {
    "name": "abreast",
    "title": "Abreast",
    "about": "Three speak at the same time, and a chair after them.",
    "manners": "Be brief.",
    "agents": AGENTS,
    "rounds": [
        {"name": "Answers", "task": "Answer.", "speakers": ["Ann", "Bob", "Cyd"], "together": True, "repeat": True},
        {"name": "Summary", "task": "Sum up.", "speakers": ["Chair"], "counts": False},
    ],
}
