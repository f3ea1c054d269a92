"""A sensor's tick and the runs it asks for, in this process: for the demo and for benchmarks.

A deployment's daemon does the same with processes of its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import dagster as dg

QUIET: Final = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""Run configuration that keeps Dagster's own log off the console."""


@dataclass(frozen=True, kw_only=True)
class LocalDagster:
    """Definitions, the resources that their sensors use, and an instance that remembers runs."""

    defs: dg.Definitions
    resources: Mapping[str, object]
    instance: dg.DagsterInstance

    def tick(self, sensor: dg.SensorDefinition) -> tuple[list[dg.RunRequest], str]:
        """What a sensor asks for now, and why when it asks for nothing.

        New partitions that it found are added to the instance.
        """
        with dg.build_sensor_context(
            instance=self.instance, resources=dict(self.resources)
        ) as context:
            outcome = sensor(context)
        if not isinstance(outcome, dg.SensorResult):
            return [], str(getattr(outcome, "skip_message", ""))
        for request in outcome.dynamic_partitions_requests or []:
            self.instance.add_dynamic_partitions(
                request.partitions_def_name, list(request.partition_keys)
            )
        reason = outcome.skip_reason.skip_message if outcome.skip_reason else ""
        return list(outcome.run_requests or []), reason or ""

    def runs(
        self, sensor: dg.SensorDefinition, requests: list[dg.RunRequest]
    ) -> Iterator[dg.ExecuteInProcessResult]:
        """Run what a sensor asked for, one after another."""
        for request in requests:
            yield self.defs.resolve_job_def(sensor.job_name or "").execute_in_process(
                instance=self.instance,
                partition_key=request.partition_key,
                tags=dict(request.tags),
                run_config=QUIET,
                raise_on_error=False,
            )
