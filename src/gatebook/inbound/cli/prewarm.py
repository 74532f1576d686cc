"""`gatebook prewarm`: compile the SQL analyzer once, with progress, so that nothing waits for it later."""

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from gatebook.googlesql.errors import EngineUnavailable
from gatebook.googlesql.module_cache import prewarm

_USUAL_SECONDS = 30.0  # 12-31 s were measured on two cores; the bar waits short of its end when it takes longer


@click.command("prewarm")
@click.option("--quiet-when-ready", is_flag=True, help="Print nothing when there is nothing to do.")
def prewarm_command(*, quiet_when_ready: bool) -> None:
    """Compile Google's SQL analyzer into the private cache (half a minute, once per machine and version)."""
    console = Console()
    progress = Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console, transient=True
    )
    task = progress.add_task("Compiling the SQL analyzer (once)", total=_USUAL_SECONDS)
    compiled = False

    def report(elapsed_seconds: float) -> None:
        nonlocal compiled
        compiled = True
        progress.start()
        progress.update(task, completed=min(elapsed_seconds, _USUAL_SECONDS * 0.97))

    try:
        path = prewarm(report)
    except EngineUnavailable as error:
        raise click.ClickException(str(error)) from error
    finally:
        if compiled:
            progress.stop()
    if compiled or not quiet_when_ready:
        console.print(f"The SQL analyzer is compiled and cached in {path.parent}.", highlight=False, soft_wrap=True)
