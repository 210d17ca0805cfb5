"""The tracking domain: companies and people, applications, interviews, references."""
