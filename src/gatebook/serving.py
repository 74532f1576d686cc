"""`gatebook serve`: run the gateway until it is told to stop."""

import gc
import logging
from pathlib import Path

import click
import uvloop

from gatebook.googlesql.errors import EngineUnavailable
from gatebook.inbound.rest.server import until_signal
from gatebook.outbound.policy_in_force import PolicyError
from gatebook.outbound.stores.errors import StoreError
from gatebook.settings import Settings, SettingsError, read_settings
from gatebook.wiring import gateway

# Calls make hardly any reference cycles. Python's default of 700 has the collector run every few calls, for nothing.
_OBJECTS_BETWEEN_COLLECTIONS = 100_000


@click.command("serve")
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Settings file.")
def serve_command(config: Path) -> None:
    """Run the gateway. SIGTERM lets calls in flight finish, then ends it."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        uvloop.run(_serve(read_settings(config)))
    except PolicyError as error:
        raise click.ClickException(f"The policy has errors:\n{error}") from error
    except (SettingsError, StoreError, EngineUnavailable) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"Gatebook cannot listen or reach its files: {error}") from error


async def _serve(settings: Settings) -> None:
    async with gateway(settings) as public_url:
        _leave_alone_what_stays()
        click.echo(f"Gatebook is listening: {public_url}")
        await until_signal()


def _leave_alone_what_stays() -> None:
    """Keep the garbage collector off what was loaded at the start, which is in use to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
