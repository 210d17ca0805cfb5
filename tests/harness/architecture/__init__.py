"""The package diagrams of docs/architecture.md, generated from the import contracts."""
