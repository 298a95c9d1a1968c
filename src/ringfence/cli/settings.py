"""`ringfence config`: every setting, its value now, and what it means."""

from ringfence.cli.options import AsJson, Database, read_settings
from ringfence.cli.output import print_json
from ringfence.config import Settings, environment_name
from ringfence.store import describe_url


def config(*, json: AsJson = False, database: Database = None) -> None:
    """Print every setting: its environment variable, its value now, and what it means.

    Values come from flags, else the environment, else a .env file in the working directory.
    """
    settings = read_settings(database=database)
    rows = [_facts(settings, name) for name in Settings.model_fields]
    if json:
        print_json(rows)
        return
    for row in rows:
        print(f"{row['variable']} = {row['value']}\n    {row['meaning']} Default: {row['default']}")


def _facts(settings: Settings, name: str) -> dict[str, object]:
    field = Settings.model_fields[name]
    value = getattr(settings, name)
    return {
        "setting": name,
        "variable": environment_name(name),
        "value": describe_url(value) if name == "database" else value,
        "default": field.default,
        "meaning": field.description,
    }
