"""Spend, budgets, use of limits and findings as metrics for Prometheus (extra ``metrics``)."""
