"""HubSpot."""

from .system import HubSpot

__all__ = ["HubSpot"]
