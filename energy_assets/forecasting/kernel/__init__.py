"""Kernel ridge regression of whole days, with and without weather, up to 14 days ahead."""

from energy_assets.forecasting.kernel.family import Kernel
from energy_assets.forecasting.kernel.issuing import KERNEL
from energy_assets.forecasting.kernel.model import KernelModel
from energy_assets.forecasting.kernel.settings import KernelSettings, Quality, kernel_settings
from energy_assets.forecasting.kernel.training import fit_twice

__all__ = [
    "KERNEL",
    "Kernel",
    "KernelModel",
    "KernelSettings",
    "Quality",
    "fit_twice",
    "kernel_settings",
]
