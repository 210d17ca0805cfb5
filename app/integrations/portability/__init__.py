"""Portability: import and export of applications; personal data export and erasure (GDPR)."""
