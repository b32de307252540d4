"""Salesforce."""

from .system import Salesforce

__all__ = ["Salesforce"]
