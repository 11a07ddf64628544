"""Announcements: what a person who looks at something else is told."""
