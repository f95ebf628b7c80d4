"""``python -m twin.sites.unit agent`` or ``guard``: the site's own process, which ends when the twin's process does."""

import runpy
import sys

from twin.workload.parent import end_with_parent


def main() -> None:
    """Become ``python -m runtime.site``, from the code that was deployed."""
    end_with_parent()
    sys.argv = ["runtime.site", *sys.argv[1:]]
    runpy.run_module("runtime.site", run_name="__main__")


if __name__ == "__main__":
    main()
