"""The `gatebook` command. Each subcommand reads its options and hands over; what is not needed is not imported."""

import importlib

import click

_COMMANDS = {
    "book": ("gatebook.bookshelf", "book"),
    "check-config": ("gatebook.inbound.cli.config", "check_config"),
    "explain": ("gatebook.policies", "explain"),
    "issuer": ("gatebook.issuer.command", "issuer_command"),
    "policy": ("gatebook.policies", "policy"),
    "prewarm": ("gatebook.inbound.cli.prewarm", "prewarm_command"),
    "sandbox": ("gatebook.sandbox.command", "sandbox_command"),
    "serve": ("gatebook.serving", "serve_command"),
}


class _Lazy(click.Group):
    """Imports a command's module only when it is asked for: the sandbox brings DuckDB, the gateway does without."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module_name, attribute = _COMMANDS[name]
        try:
            command: click.Command = getattr(importlib.import_module(module_name), attribute)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.startswith("gatebook"):
                raise
            return _missing(name, error.name)
        return command


def _missing(name: str, package: str) -> click.Command:
    """Stand in for a command whose packages are not installed, so that the list of commands still shows it."""
    advice = f"{name} needs the package {package}: pip install 'gatebook[sandbox]'"

    def explain(**_: object) -> None:
        raise click.ClickException(advice)

    settings = {"ignore_unknown_options": True, "allow_extra_args": True}
    return click.Command(name, callback=explain, context_settings=settings, help=f"Not installed: {advice}.")


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="gatebook", prog_name="gatebook")
def main() -> None:
    """Gatebook: a gateway in front of BigQuery that proves who asks and keeps a book of what was asked and answered."""
