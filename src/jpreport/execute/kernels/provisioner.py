"""Jupyter's way in: a kernel provisioner that forks, or else starts an ordinary process."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Bool

from jpreport.execute.kernels.confinement import VARIABLE
from jpreport.execute.kernels.warm import LAUNCHER, fork_kernel

PROVISIONER = "jpreport-warm"  # its entry point
# Nothing of the working folder, which `-c` puts first in the path, runs before it is confined.
_CONFINED = (
    "import sys; del sys.path[0]; "
    "from jpreport.execute.kernels.confinement import confine; confine(); "
    "import ipykernel_launcher; sys.argv[0] = ipykernel_launcher.__file__; "
    "from ipykernel.kernelapp import launch_new_instance as launch; launch()"
)
_GLANCES = (0.002, 0.003, 0.005, 0.01, 0.02, 0.02, 0.04)  # seconds


class WarmProvisioner(LocalProvisioner):
    """Starts ipykernels of this Python as forks of the fork server, others as usual."""

    warm = Bool(
        default_value=True, help="Fork where that gives the same kernel, else start a process."
    )

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:  # noqa: ANN401
        """Start a kernel and return how to connect to it."""
        forked = await fork_kernel(cmd, **self._scrub_kwargs(kwargs)) if self.warm else None
        if forked is None:
            if VARIABLE in kwargs.get("env", {}):
                cmd = [sys.executable, "-c", _CONFINED, *cmd[len(LAUNCHER) :]]
            return await super().launch_kernel(cmd, **kwargs)
        self.process = forked  # type: ignore[assignment]
        self.pid = self.pgid = forked.pid
        self.cwd = kwargs.get("cwd")
        return self.connection_info

    async def send_signal(self, signum: int) -> None:
        """Signal the kernel's process group; one that has ended has none."""
        if self.process and await self.poll() is None:
            await super().send_signal(signum)

    async def kill(self, restart: bool = False) -> None:  # noqa: FBT001, FBT002 (as overridden)
        """Kill the kernel, and wait a little: its manager looks only ten times a second."""
        await super().kill(restart)
        for glance in _GLANCES:
            if await self.poll() is not None:
                return
            await asyncio.sleep(glance)
