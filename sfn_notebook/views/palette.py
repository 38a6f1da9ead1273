"""Which colour means what, once for every painter; it knows neither shapes nor positions.

Fills are mixed from an accent and the surface behind it, so that a dark surface gives dark fills without a second
palette. Accents are told apart by lightness and hue (blue, violet, green-teal, vermilion,
amber, grey), and no meaning is ever
left to colour alone: an icon and a word always go with it.
"""

from typing import Final

SURFACE: Final = "#ffffff"
INK: Final = "#1f2328"
MUTED: Final = "#59626e"
LINE: Final = "#8793a1"
BORDER: Final = "#d3d9e0"
ON_ACCENT: Final = "#ffffff"

KIND_ACCENTS: Final = {
    "task": "#4656c8",
    "pass": "#5f6b7a",
    "choice": "#9b3f94",
    "wait": "#0b7480",
    "succeed": "#1a7f4b",
    "fail": "#c0392b",
    "parallel": "#35699f",
    "map": "#7450a8",
    "distributed-map": "#7450a8",
    "branch": "#35699f",
}
CATCH: Final = "#b8402f"
STATUS_ACCENTS: Final = {
    "WAITING": "#6a3fb5",
    "RUNNING": "#0b6bcb",
    "RETRYING": "#9a5b00",
    "SUCCEEDED": "#1a7f4b",
    "CAUGHT": "#9a5b00",
    "FAILED": "#c0282d",
    "ABORTED": "#646c78",
    "TIMED_OUT": "#c0282d",
}
STATUS_ICONS: Final = {
    "WAITING": "hourglass",
    "RUNNING": "running",
    "RETRYING": "retry",
    "SUCCEEDED": "succeed",
    "CAUGHT": "caught",
    "FAILED": "fail",
    "ABORTED": "aborted",
    "TIMED_OUT": "wait",
}
STATUS_WORDS: Final = {
    "WAITING": "Waiting",
    "RUNNING": "Running",
    "RETRYING": "Retrying",
    "SUCCEEDED": "Succeeded",
    "CAUGHT": "Caught",
    "FAILED": "Failed",
    "ABORTED": "Aborted",
    "TIMED_OUT": "Timed out",
}

FILL_SHARE: Final = 0.09
BORDER_SHARE: Final = 0.6
REGION_SHARE: Final = 0.04
REGION_BORDER_SHARE: Final = 0.42
STATUS_SHARE: Final = 0.12


def mix(accent: str, surface: str, share: float) -> str:
    """The colour with ``share`` (0 to 1) of ``accent`` and the rest of ``surface``, both ``#rrggbb``."""
    channels = (
        round(int(accent[at : at + 2], 16) * share + int(surface[at : at + 2], 16) * (1 - share)) for at in (1, 3, 5)
    )
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def css_variables() -> str:
    """The palette as CSS custom properties ``--sfn-task``, ``--sfn-running``, ``--sfn-fill-share`` and so on."""
    values = {
        **KIND_ACCENTS,
        "catch": CATCH,
        **{status.lower().replace("_", "-"): colour for status, colour in STATUS_ACCENTS.items()},
        "on-accent": ON_ACCENT,
        "line": LINE,
    }
    shares = {
        "fill-share": FILL_SHARE,
        "border-share": BORDER_SHARE,
        "region-share": REGION_SHARE,
        "region-border-share": REGION_BORDER_SHARE,
        "status-share": STATUS_SHARE,
    }
    lines = [f"--sfn-{name}: {value};" for name, value in values.items()]
    lines += [f"--sfn-{name}: {share * 100:g}%;" for name, share in shares.items()]
    return " ".join(lines)
