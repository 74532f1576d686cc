"""`gatebook issuer`: run the issuer in the foreground."""

import threading

import click

from gatebook.issuer.issuer import Issuer
from gatebook.issuer.keys import ALGORITHMS
from gatebook.issuer.serving import ServedIssuer


@click.command("issuer")
@click.option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True, help="0 chooses a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Minting stays open to this machine only.")
@click.option(
    "--algorithm",
    "algorithms",
    type=click.Choice(ALGORITHMS),
    multiple=True,
    default=("RS256",),
    show_default=True,
    help="May be given several times; the first signs unless a request names another.",
)
@click.option("--rotate-seconds", type=click.FloatRange(min=1), help="Make new keys this often.")
def issuer_command(port: int, host: str, algorithms: tuple[str, ...], rotate_seconds: float | None) -> None:
    """Run a small OIDC issuer for demos and tests. It signs whatever it is asked to: trust it with nothing real."""
    with ServedIssuer(host=host, port=port, algorithms=dict.fromkeys(algorithms)) as served:
        url = served.issuer.url
        click.echo(f"issuer     {url}")
        click.echo(f"keys       {url}/.well-known/jwks")
        click.echo(f'mint       curl -s {url}/mint -d \'{{"kind": "github_actions", "audience": "..."}}\'')
        try:
            _rotate_until_interrupted(served.issuer, rotate_seconds)
        except KeyboardInterrupt:
            click.echo("issuer     stopped")


def _rotate_until_interrupted(issuer: Issuer, rotate_seconds: float | None) -> None:
    never = threading.Event()
    while not never.wait(rotate_seconds):
        issuer.rotate()
