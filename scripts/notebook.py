"""The outputs of docs/library.ipynb. Run it, with the demo model installed, to write them anew.

The code is run in a folder of its own, so that nothing is found there that was held before.
"""

import ast
import asyncio
import inspect
import json
from contextlib import chdir, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

NOTEBOOK = Path(__file__).parents[1] / "docs" / "library.ipynb"


async def run(code: str, space: dict[str, Any]) -> str:
    """Run a cell's code, which may await; what it printed."""
    with redirect_stdout(StringIO()) as out:
        ran = eval(compile(code, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), space)
        if inspect.iscoroutine(ran):
            await ran
    return out.getvalue()


async def rerun(cells: list[dict[str, Any]]) -> None:
    """Run all code, one cell after the other, and put in each what it printed."""
    space: dict[str, Any] = {}
    for number, cell in enumerate((cell for cell in cells if cell["cell_type"] == "code"), 1):
        text = await run("".join(cell["source"]), space)
        stream = {"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)}
        cell |= {"execution_count": number, "outputs": [stream] if text else []}


def main() -> None:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    with TemporaryDirectory() as folder, chdir(folder):
        asyncio.run(rerun(notebook["cells"]))
    NOTEBOOK.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
