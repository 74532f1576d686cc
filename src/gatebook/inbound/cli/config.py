"""`gatebook check-config`: the effective settings, or the file, line and key that is wrong."""

import json
from pathlib import Path

import click

from gatebook.settings import SettingsError, effective, read_settings


@click.command("check-config")
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Settings file.")
def check_config(config: Path) -> None:
    """Check a settings file and print the effective values as JSON."""
    try:
        settings = read_settings(config)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(effective(settings), indent=2))
