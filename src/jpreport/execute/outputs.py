"""What a cell gives out while it runs: how much of it is kept, and in what form."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

# More than any report shows. A cell that prints without end is stopped before memory is full.
MOST_OUTPUT = 50_000_000
_LEAST = 1_000  # what an output costs however short it is
# How a kernel names a cell in warnings and tracebacks: by its process and a hash of the cell.
# It is sought from the beginning of a word: a line may be long.
_CELL_FILE = re.compile(r"(?<![^\s\"'])[^\s\"']*ipykernel_\d+[/\\]\d+\.py")


def size_of(message: Mapping[str, Any]) -> int:
    """Return about how many characters a kernel's message adds to a notebook."""
    content = message["content"]
    match message["msg_type"]:
        case "stream":
            return max(len(content["text"]), _LEAST)
        case "display_data" | "execute_result" | "update_display_data":
            return max(sum(len(str(value)) for value in content["data"].values()), _LEAST)
    return 0


def tidy_outputs(cell: Any) -> None:  # noqa: ANN401
    """Put the pieces of what was printed together, and take out what changes with every run.

    How text is cut into messages depends on time. nbclient joins it too, but in a time that grows
    with the square of a line's length.
    """
    if cell.cell_type != "code":
        return
    printed: dict[str, list[str]] = {}
    kept: list[Any] = []
    for output in cell.outputs:
        if output.output_type == "stream":
            if output.name not in printed:
                kept.append(output)
            printed.setdefault(output.name, []).append(output.text)
            continue
        if output.output_type == "error":
            output.traceback = [_CELL_FILE.sub("<cell>", line) for line in output.traceback]
        kept.append(output)
    for output in kept:
        if output.output_type == "stream":
            lines = "".join(printed[output.name]).split("\n")
            output.text = _CELL_FILE.sub("<cell>", "\n".join(map(_as_seen, lines)))
    names = [output.get("name") for output in kept]
    if {"stderr", "stdout"} <= {*names} and names.index("stdout") - names.index("stderr") == 1:
        # The two channels are read apart, in no order that lasts.
        at = names.index("stderr")
        kept[at : at + 2] = kept[at + 1], kept[at]
    cell.outputs = kept


def _as_seen(line: str) -> str:
    """Return what a terminal shows of a line: what follows the last carriage return within it."""
    return line[line.rfind("\r", 0, max(len(line) - 1, 0)) + 1 :]


def give_out_whole() -> None:
    """Let a kernel give out all that its cells print, in few messages; called in the kernel.

    Its channel would drop half a character without a word (print raises UnicodeEncodeError, as it
    does for a file), and what is sent faster than it is read.
    """
    import zmq
    from IPython import get_ipython

    for stream in (sys.stdout, sys.stderr):
        # On the stream itself, where IPython puts a function of its own while a cell runs.
        stream.write = partial(_write_whole, stream.write)  # type: ignore[method-assign]
        stream.flush = partial(_flush, stream.flush)  # type: ignore[method-assign]
    channel = get_ipython().kernel.iopub_thread
    channel.schedule(lambda: channel.socket.setsockopt(zmq.XPUB_NODROP, 1))


def _flush(send: Callable[[], None]) -> None:
    """Send what was printed where the kernel asks for it, before anything else is shown.

    A cell that flushes each line would send tens of thousands of messages.
    """
    caller = str(sys._getframe(1).f_globals.get("__name__"))  # noqa: SLF001
    if caller.partition(".")[0] in {"ipykernel", "IPython"}:
        send()


def _write_whole(write: Callable[[str], int], text: str) -> int:
    if isinstance(text, str):
        text.encode()
    return write(text)
