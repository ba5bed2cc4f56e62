"""Run a notebook's cells in order on a kernel, and evaluate the values in its prose."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import ValidationError, from_dict
from nbformat.v4 import new_output
from papermill.clientwrap import PapermillNotebookClient

from jpreport.document.markdown_text import Role
from jpreport.document.myst import read_caption, read_markdown
from jpreport.errors import ExecutionError, Place, Problem
from jpreport.execute.check import cell_place, leading_blank_lines
from jpreport.execute.failure import JSON, QUESTION, Failure, RaisedError
from jpreport.execute.kernels import Kernel, cause_of_death, exit_code, what_to_do
from jpreport.execute.outputs import MOST_OUTPUT, size_of, tidy_outputs
from jpreport.execute.parameters import INJECTED, tags_of
from jpreport.execute.prose import answered, put_into_words, questions, unlike
from jpreport.forms.cell_options import read_options
from jpreport.forms.mime import FILES_READ
from jpreport.language import ENGLISH

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_WATCH = "__import__('jpreport.execute.reads', fromlist=['begin'])"
_WHOLE = "__import__('jpreport.execute.outputs', fromlist=['give_out_whole']).give_out_whole()"
_SHOWN = ("error", "display_data", "update_display_data")

OnCell = Callable[[int, int], None]
# Awaited with a run's cells before the one at an index, and at the end; returns where to go on.
# It may wait, and put other cells in the place of those that have not run.
Gate = Callable[[list[Any], int], Awaitable[int]]


class CellRunner(PapermillNotebookClient):  # type: ignore[misc]
    """One run of one notebook; problems name its cells as its author counts them."""

    def __init__(  # noqa: PLR0913 (all by name)
        self,
        nb_man: Any,  # noqa: ANN401 (papermill's manager)
        kernel: Kernel,
        *,
        where: Place,
        quiet: bool = False,
        time_limit: float | None,
        on_cell: OnCell | None,
        gate: Gate | None = None,
        languages: Sequence[str] = (ENGLISH.language,),
        **settings: Any,  # noqa: ANN401 (nbclient's settings)
    ) -> None:
        super().__init__(
            nb_man,
            km=kernel.manager,
            record_timing=False,  # a second run has to write the same bytes
            store_widget_state=False,
            force_raise_errors=True,
            iopub_timeout=60,
            timeout_func=self._time_left,
            on_cell_executed=self._refuse_exit,
            **settings,
        )
        self.kc = kernel.client
        self._kernel = kernel
        self._where = where
        # What fails among records of persons may quote them: then no text of it is told.
        self._quiet = quiet
        self._on_cell = on_cell
        self._gate = gate
        self._languages = languages
        self._limit = time_limit
        self._deadline = time.monotonic() + time_limit if time_limit else None
        self._place = where
        self._given_out = 0  # characters, by the cell that runs
        self._refused: Problem | None = None

    async def run(self, watched: str | None = None) -> None:
        """Run all cells; raises ExecutionError at the first one that fails.

        What the run reads below the folder `watched` is listed in the notebook's metadata.
        """
        # As bytes: the kernel may decode the names of files otherwise than this process.
        begin = [f"{_WATCH}.begin({os.fsencode(watched)!r})"] if watched else []
        await self._ask([_WHOLE, *begin])
        info = await self._kernel.client.kernel_info(reply=True)
        self.nb.metadata["language_info"] = info["content"]["language_info"]
        index = 0
        while (index := await self._go_on(index)) < len(self.nb.cells):
            cell, number = self.nb.cells[index], _count(self.nb.cells[: index + 1])
            if self._on_cell and INJECTED not in tags_of(cell):
                self._on_cell(number, _count(self.nb.cells))
            self._place = cell_place(cell, number, self._where)
            self.nb_man.cell_start(cell, index)
            try:
                async with self._guarded():
                    await self._run_cell(cell, index)
            except ExecutionError:
                self.nb_man.cell_exception(cell, index)
                raise
            finally:
                tidy_outputs(cell)
                self.nb_man.cell_complete(cell, index)
            index += 1
        if watched:
            content, _ = await self._ask([f"__import__('json').dumps({_WATCH}.seen())"])
            told = content["user_expressions"]["0"]["data"]["text/plain"]
            self.nb.metadata[FILES_READ] = json.loads(ast.literal_eval(told))

    async def _go_on(self, index: int) -> int:
        """Return the index of the cell to run next; waiting for it is no time of the run."""
        if self._gate is None:
            return index
        begun = time.monotonic()
        index = await self._gate(self.nb.cells, index)
        if self._deadline is not None:
            self._deadline += time.monotonic() - begun
        return index

    async def _run_cell(self, cell: Any, index: int) -> None:  # noqa: ANN401
        cell.metadata.pop("user_expressions", None)
        if cell.cell_type == "markdown":
            if found := read_markdown(cell.source).roles:
                await self._evaluate(cell, found)
        elif cell.cell_type == "code":
            try:
                await self._execute(cell, index)
                options = read_options(cell, self._place)[0]
                captions = (options.caption, options.alt)
                if found := tuple(r for one in captions for r in read_caption(one).roles):
                    await self._evaluate(cell, found)
            except RaisedError as raised:
                failure = await self._ask_failure(raised.told)
                raise ExecutionError(self._explain(failure, cell.execution_count)) from None

    @asynccontextmanager
    async def _guarded(self) -> AsyncIterator[None]:
        """Tell a kernel that died or took too long as a problem of the cell."""
        try:
            yield
        except DeadKernelError:
            # nbclient takes the cancelling of the whole run (Ctrl-C) for a kernel's death.
            task = asyncio.current_task()
            if task and task.cancelling():
                raise asyncio.CancelledError from None
            code = await exit_code(self._kernel)
            error = ExecutionError(Problem(self._place, cause_of_death(code), what_to_do(code)))
            error.killed = code == -9  # noqa: PLR2004 (as `exit_code` tells it)
            raise error from None
        except (CellTimeoutError, TimeoutError):
            message = f"stopped here: the report ran longer than {self._limit:g} s"
            hint = "raise the report's `timeout` in programme.toml, or let the cell do less"
            raise ExecutionError(Problem(self._place, message, hint)) from None

    def _time_left(self, _cell: object = None) -> float | None:
        if self._deadline is None:
            return None
        return max(self._deadline - time.monotonic(), 0.001)

    async def _execute(self, cell: Any, index: int) -> None:  # noqa: ANN401
        told = []
        self._given_out = 0
        try:
            await self.async_execute_cell(cell, index)
        except DeadKernelError:
            if self._refused:
                raise ExecutionError(self._refused) from None
            raise
        except CellExecutionError as error:
            told = [Failure(error.ename, error.evalue)]
        # IPython only prints what a display method raises, and goes on; the reply may say "ok".
        told += [Failure(o.ename, o.evalue) for o in cell.outputs if o.output_type == "error"]
        if told:
            raise RaisedError(told[-1])

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:  # noqa: ANN401
        """Keep what the cell gives out; stop the run at what no notebook can hold.

        The cell may go on for ever; nbclient tells its end as a death.
        """
        if msg["msg_type"] == "clear_output":
            self._given_out = 0
        if self._is_too_much(msg):
            self.task_poll_for_reply.cancel()
            return None
        if msg["msg_type"] == "stream" and not self.clear_before_next_output:
            # Without nbclient's validation: there may be tens of thousands.
            cell.outputs.append(from_dict({"output_type": "stream", **msg["content"]}))  # type: ignore[no-untyped-call]
            return None
        try:
            if msg["msg_type"] == "update_display_data":  # which nbclient takes on trust
                new_output("display_data", msg["content"]["data"])  # type: ignore[no-untyped-call]
            return super().process_message(msg, cell, cell_index)
        except ValidationError as error:
            kind = next((str(key) for key in reversed(error.absolute_path)), "output")
            told = "" if self._quiet else f", {error.instance!r:.80}"
            message = f"the cell displays as {kind} what is no text{told}"
            self._refuse(message, "display a text, a table, a chart or a picture")
            self.task_poll_for_reply.cancel()
            return None

    def _is_too_much(self, message: dict[str, Any]) -> bool:
        """Count what is given out; say whether it is more than a notebook can hold."""
        self._given_out += size_of(message)
        if self._given_out > MOST_OUTPUT:
            told = f"the cell gives out more than {MOST_OUTPUT:,} characters"
            self._refuse(told, "print less: show a table, a chart or a summary")
        return self._given_out > MOST_OUTPUT

    def _refuse(self, message: str, hint: str) -> None:
        self._refused = self._refused or Problem(self._place, message, hint)

    def handle_comm_msg(self, *_: object) -> None:
        """Leave widgets alone: no report shows them, and what they catch is shown as printed."""

    def _refuse_exit(self, execute_reply: dict[str, Any], **_: object) -> None:
        payload = execute_reply["content"].get("payload") or ()
        if any(part.get("source") == "ask_exit" for part in payload):
            hint = "take exit() or quit() out of the cell"
            raise ExecutionError(Problem(self._place, "the cell ends the kernel", hint))

    def _explain(self, failure: Failure, count: int | None) -> tuple[Problem, ...]:
        """Return a failure as problems of the cell that was running, with the line at fault.

        Where another cell's function raised, that cell's line is told as well.
        """
        own = [line for cell, line in failure.frames if cell == count]
        place, shown = self._place, []
        if own and count:
            line, code = self._line(count, own[-1])
            place, shown = place.at(line=line), [f"> {code}"]
        for cell, inner in failure.frames[-1:]:
            if cell != count and (number := self._ran(cell)[0]):
                line, code = self._line(cell, inner)
                shown.append(f"in cell {number}, line {line}: {code}")
        return failure.at(place, "\n  ".join(shown), quiet=self._quiet)

    def _ran(self, count: int) -> tuple[int, str]:
        """Return number and source of the cell that ran with a count; 0 and "" if none did."""
        for index, cell in enumerate(self.nb.cells):
            if cell.get("execution_count") == count:
                return _count(self.nb.cells[: index + 1]), cell.source
        return 0, ""

    def _line(self, count: int, line: int) -> tuple[int, str]:
        """Return the number and text of a cell's line; IPython counts from the first with code."""
        source = self._ran(count)[1]
        lines = source.splitlines()
        line += leading_blank_lines(source)
        return line, lines[line - 1].strip() if line <= len(lines) else ""

    async def _ask_failure(self, told: Failure) -> Failure:
        """Return what the kernel knows of its last exception, or what it has `told` already."""
        content, _ = await self._ask([QUESTION])
        answer = content.get("user_expressions", {}).get("0", {})
        if JSON not in answer.get("data", ()):
            return told
        failure = Failure.from_bundle(answer["data"])
        return failure if failure.name == told.name else told

    async def _ask(self, expressions: Iterable[str]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Evaluate expressions in one request; return the reply's content and what was shown."""
        shown: list[dict[str, Any]] = []
        self._given_out = 0

        def keep(message: dict[str, Any]) -> None:
            if self._is_too_much(message):
                request.cancel()
            if message["msg_type"] in _SHOWN:
                shown.append(message)

        request = asyncio.ensure_future(
            self._kernel.client.execute_interactive(
                "",
                store_history=False,
                user_expressions={str(key): text for key, text in enumerate(expressions)},
                allow_stdin=False,
                output_hook=keep,
            )
        )
        try:
            while not request.done():
                left = self._time_left()
                await asyncio.wait({request}, timeout=1 if left is None else min(left, 1))
                if not request.done() and await exit_code(self._kernel) is not None:
                    raise DeadKernelError("Kernel died")
                if not request.done() and left is not None and left <= 1:
                    raise TimeoutError
        finally:
            request.cancel()
        if request.cancelled() and self._refused:
            raise ExecutionError(self._refused)
        return request.result()["content"], shown

    async def _evaluate(self, cell: Any, found: tuple[Role, ...]) -> None:  # noqa: ANN401
        asked = questions(found, self._languages)
        content, shown = await self._ask(expression for *_, expression in asked)
        answers = [content["user_expressions"][str(key)] for key in range(len(asked))]
        formless = [
            problem
            for (tag, role, _), answer in zip(asked, answers, strict=True)
            for problem in put_into_words(
                answer, self._place.at(str(role)), role.expression, tag, quiet=self._quiet
            )
            if answer["status"] == "ok" or tag != self._languages[0]  # told elsewhere
        ]
        results = answers[: len(found)]
        stored = answered(found, answers, self._languages)
        for role, entry in zip(found, stored, strict=True):
            formless += unlike(entry, self._place.at(str(role)))
        cell.metadata["user_expressions"] = from_dict(stored)  # type: ignore[no-untyped-call]
        failed = {role for role, r in zip(found, results, strict=True) if r["status"] != "ok"}
        # What was shown does not say by which role: then each is asked again.
        suspects = [role for role in found if role in failed or (shown and not failed)]
        problems = [problem for role in suspects for problem in await self._explain_role(role)]
        problems += formless
        if problems or suspects:
            raise ExecutionError(problems or Problem(self._place, "a prose value failed once"))

    async def _explain_role(self, role: Role) -> tuple[Problem, ...]:
        """Evaluate one role alone, to tell its failure from those of its neighbours."""
        content, shown = await self._ask([role.expression])
        result = content["user_expressions"]["0"]
        errors = [result] if result["status"] != "ok" else []
        errors += [message["content"] for message in shown if message["msg_type"] == "error"]
        place, self._place = self._place, self._place.at(str(role))
        try:
            for error in errors:
                told = await self._ask_failure(Failure(error["ename"], error["evalue"]))
                return self._explain(told, None)
            if shown:
                hint = "let the expression return the value instead"
                return (Problem(self._place, "a prose value must not display anything", hint),)
        finally:
            self._place = place
        return ()


def _count(cells: Iterable[Any]) -> int:
    """Count cells as their author does: the injected one is told as the one that it follows."""
    return sum(INJECTED not in tags_of(cell) for cell in cells)
