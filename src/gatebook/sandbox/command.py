"""`gatebook sandbox`: run the embedded BigQuery in the foreground."""

from pathlib import Path

import click

from gatebook.sandbox.server import DEFAULT_PROJECT, Addresses, Options, run


@click.command("sandbox")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Keep tables here; default: in memory.")
@click.option("--host", default="127.0.0.1", show_default=True, help="There is no authentication: keep it on loopback.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=9050, show_default=True, help="REST; 0 takes a free one."
)
@click.option("--grpc-port", type=click.IntRange(0, 65535), default=0, help="Storage Read; default: a free one.")
@click.option("--project", default=DEFAULT_PROJECT, show_default=True, help="The project that tables live in.")
@click.option("--demo-data", is_flag=True, help="Make the dataset `shop`: customers, orders and events.")
def sandbox_command(data: Path | None, host: str, port: int, grpc_port: int, project: str, *, demo_data: bool) -> None:
    """Run an embedded BigQuery for demos, tests and policy work. It speaks REST v2 and Storage Read."""

    def ready(addresses: Addresses) -> None:
        click.echo(f"sandbox    {addresses.rest_url}")
        click.echo(f"storage    {addresses.grpc_address} (gRPC)")
        click.echo(f"project    {project}")

    try:
        run(Options(data, project, demo_data=demo_data, host=host, port=port, grpc_port=grpc_port), ready)
    except OSError as error:
        raise click.ClickException(f"the sandbox cannot start: {error}") from error
