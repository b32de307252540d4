"""Zoho CRM."""

from .system import Zoho

__all__ = ["Zoho"]
