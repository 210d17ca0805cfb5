"""The record itself: people and companies, applications, interviews, references."""
