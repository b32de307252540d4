"""Stand-ins of external CRMs: one shared core, one module for what is a vendor's own."""
