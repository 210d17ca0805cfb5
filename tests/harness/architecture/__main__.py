"""`python -m tests.harness.architecture`: write the diagrams into docs/architecture.md."""

from tests.harness.architecture.diagrams import PAGE, page

PAGE.write_text(page(), encoding="utf-8")
print(f"{PAGE.name} is up to date")
