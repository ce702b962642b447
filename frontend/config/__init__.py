"""`tf.config`: running functions eagerly, devices, threads."""

from __future__ import annotations

from typing import NamedTuple

from tfc.config import threading
from tfc.core.settings import SETTINGS

__all__ = [
    "PhysicalDevice",
    "experimental_functions_run_eagerly",
    "experimental_run_functions_eagerly",
    "functions_run_eagerly",
    "get_visible_devices",
    "list_logical_devices",
    "list_physical_devices",
    "run_functions_eagerly",
    "threading",
]


class PhysicalDevice(NamedTuple):
    """A device: there is one, the CPU."""

    name: str
    device_type: str


_CPU = PhysicalDevice("/physical_device:CPU:0", "CPU")


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Run every compiled function as plain Python from now on (True), or compile again (False).

    It reaches everything, so a debugger stops on the user's own lines.

    >>> import tfc as tf
    >>> tf.config.run_functions_eagerly(True)
    >>> tf.config.functions_run_eagerly()
    True
    >>> tf.config.run_functions_eagerly(False)
    """
    SETTINGS.run_functions_eagerly = bool(run_eagerly)


def functions_run_eagerly() -> bool:
    """Whether compiled functions run as plain Python.

    >>> import tfc as tf
    >>> tf.config.functions_run_eagerly()
    False
    """
    return SETTINGS.run_functions_eagerly


experimental_run_functions_eagerly = run_functions_eagerly
experimental_functions_run_eagerly = functions_run_eagerly


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices of `device_type`, or all of them; tfc has the CPU.

    >>> import tfc as tf
    >>> tf.config.list_physical_devices("GPU")
    []
    """
    return [_CPU] if device_type in (None, "CPU") else []


def list_logical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """As `list_physical_devices`, with the names of logical devices.

    >>> import tfc as tf
    >>> tf.config.list_logical_devices("CPU")
    [PhysicalDevice(name='/device:CPU:0', device_type='CPU')]
    """
    found = list_physical_devices(device_type)
    return [PhysicalDevice("/device:CPU:0", device.device_type) for device in found]


def get_visible_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """As `list_physical_devices`: no device can be hidden.

    >>> import tfc as tf
    >>> tf.config.get_visible_devices("GPU")
    []
    """
    return list_physical_devices(device_type)
