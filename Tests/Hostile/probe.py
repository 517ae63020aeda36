"""What a probe is, and how many of them run side by side."""
import asyncio
import dataclasses
import time
import traceback

from peer import Failed


class Skipped(Exception):
    """The probe cannot say anything here."""


@dataclasses.dataclass(frozen=True)
class Probe:
    """One demand on the server. `run(kit)` raises Failed when the server does not meet it."""

    group: str
    name: str
    run: object
    alone: bool = False  # its own bytes would stand in the way of others: big messages, floods


@dataclasses.dataclass
class Result:
    probe: Probe
    outcome: str  # passed, failed or skipped
    why: str
    seconds: float


@dataclasses.dataclass
class Kit:
    """What probes are given: where the server is, and how fast its clocks run."""

    target: tuple
    time_scale: float = 1.0
    command: list | None = None  # to start another one like it, for probes that stop it

    def limit(self, seconds):
        """A time limit of the server's, as it holds in this run."""
        return seconds * self.time_scale


async def run_one(probe, kit, patience):
    began = time.monotonic()
    outcome, why = "passed", ""
    try:
        async with asyncio.timeout(patience):
            await probe.run(kit)
    except Failed as failure:
        outcome, why = "failed", str(failure)
    except Skipped as skip:
        outcome, why = "skipped", str(skip)
    except TimeoutError:
        outcome, why = "failed", f"no end within {patience:g} s"
    except OSError as error:
        outcome, why = "failed", f"no connection: {error}"
    except Exception as error:  # what no probe reckoned with is the server's failure until shown otherwise
        outcome, why = "failed", f"unforeseen: {error!r} {traceback.extract_tb(error.__traceback__)[-1]}"
    return Result(probe, outcome, why, time.monotonic() - began)


async def run_all(probes, kit, report, patience=120, beside=8):
    """Runs the probes side by side, except for those that would disturb one another."""
    one, many = asyncio.Semaphore(1), asyncio.Semaphore(beside)
    waiting = [probe for probe in probes if probe.group == "time"]

    async def guarded(probe):
        if probe in waiting:  # they only wait: all at once
            result = await run_one(probe, kit, patience)
        else:
            async with one if probe.alone else many:
                result = await run_one(probe, kit, patience)
        report(result)
        return result

    return await asyncio.gather(*map(guarded, probes))
